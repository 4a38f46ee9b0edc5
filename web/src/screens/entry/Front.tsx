// The frame of the screens that come before the records: name of the product, language, colours.

import type { ReactNode } from "react";
import { setPreferences, type Theme, usePreferences } from "../../app/preferences";
import { type Language, LANGUAGES, useTexts } from "../../texts";
import { classes, Menu } from "../../ui";

export interface FrontProps {
  children: ReactNode;
  foot?: ReactNode;
  wide?: boolean;
}

export function Front({ children, foot, wide = false }: FrontProps) {
  const texts = useTexts().common;
  return (
    <div className="front">
      <header className="front-bar">
        <span className="brand">
          <img src="/icon.svg" alt="" />
          {texts.product}
        </span>
        <span className="row">
          <LanguageMenu />
          <ThemeMenu />
        </span>
      </header>
      <main className={classes("front-main stack-large", wide && "front-wide")}>{children}</main>
      <footer className="front-foot">{foot}</footer>
    </div>
  );
}

function LanguageMenu() {
  const texts = useTexts().common;
  const languages = Object.entries(LANGUAGES) as [Language, (typeof LANGUAGES)[Language]][];
  return (
    <Menu
      variant="quiet"
      icon="language"
      iconOnly
      entries={languages.map(([id, { name }]) => ({ id, label: name }))}
      onAction={(language) => void setPreferences({ language })}
    >
      {texts.language}
    </Menu>
  );
}

function ThemeMenu() {
  const texts = useTexts().common;
  const { theme } = usePreferences();
  const themes = Object.entries(texts.themes) as [Theme, string][];
  return (
    <Menu
      variant="quiet"
      icon="settings"
      iconOnly
      entries={themes.map(([id, label]) => ({ id, label, ...(id === theme ? { icon: "check" as const } : {}) }))}
      onAction={(chosen) => void setPreferences({ theme: chosen })}
    >
      {texts.theme}
    </Menu>
  );
}
