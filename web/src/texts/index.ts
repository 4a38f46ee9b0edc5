// What the app says, in the language of whoever reads it. `useTexts` gives the catalogue, `useFormat` dates, times and
// numbers. Nothing here knows the vault; who keeps the choice of language is `app/preferences`.

import { useMemo, useSyncExternalStore } from "react";
import { de } from "./de";
import { en, type Texts } from "./en";
import { type Format, formatFor } from "./format";

export type { Format } from "./format";
export type { Texts } from "./en";

export type Language = "en" | "de";

interface LanguageInfo {
  /** Its own name for itself. */
  name: string;
  locale: string;
  dir: "ltr" | "rtl";
  texts: Texts;
}

export const LANGUAGES: Record<Language, LanguageInfo> = {
  en: { name: "English", locale: "en-GB", dir: "ltr", texts: en },
  de: { name: "Deutsch", locale: "de-DE", dir: "ltr", texts: de },
};

const listeners = new Set<() => void>();
let current: Language = preferred(navigator.languages);
applyToPage();

export function setLanguage(language: Language): void {
  if (language === current) return;
  current = language;
  applyToPage();
  for (const tell of listeners) tell();
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage);
}

export function useTexts(): Texts {
  return LANGUAGES[useLanguage()].texts;
}

export function useFormat(): Format {
  const { locale } = LANGUAGES[useLanguage()];
  return useMemo(() => formatFor(locale), [locale]);
}

/** For what is said outside of a component. */
export function currentTexts(): Texts {
  return LANGUAGES[current].texts;
}

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}

function currentLanguage(): Language {
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function preferred(wishes: readonly string[]): Language {
  const known = wishes.map((wish) => wish.slice(0, 2).toLowerCase()).find(isLanguage);
  return known ?? "en";
}

function applyToPage(): void {
  const { locale, dir } = LANGUAGES[current];
  document.documentElement.lang = locale;
  document.documentElement.dir = dir;
}
