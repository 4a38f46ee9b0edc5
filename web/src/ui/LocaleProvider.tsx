import type { ReactNode } from "react";
import { I18nProvider } from "react-aria-components";
import { LANGUAGES, useLanguage } from "../texts";

/** Gives the component library the language of the app, for the few words of its own. */
export function LocaleProvider({ children }: { children: ReactNode }) {
  return <I18nProvider locale={LANGUAGES[useLanguage()].locale}>{children}</I18nProvider>;
}
