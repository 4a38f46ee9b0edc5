// What the app says, in the language of whoever reads it. `useTexts` gives the catalogue, `useFormat` dates, times and
// numbers. Nothing here knows the vault; who keeps the choice of language is `app/preferences`.
//
// A slow line carries one language, and before anybody has unlocked no more of it than is said until then.

import { useSyncExternalStore } from "react";
import type { Texts } from "./en";
import type { FirstTexts } from "./en/first";
import type { RestOfTexts } from "./en/rest";
import { type Format, formatFor } from "./format";

export type { Format } from "./format";
export type { Texts } from "./en";

export type Language = "en" | "de";

interface LanguageInfo {
  /** Its own name for itself. */
  name: string;
  locale: string;
  dir: "ltr" | "rtl";
  /** What is said before anybody has unlocked; `build/checkTexts.mjs` holds the screens to it. */
  first(): Promise<FirstTexts>;
  rest(): Promise<RestOfTexts>;
}

export const LANGUAGES: Record<Language, LanguageInfo> = {
  en: {
    name: "English",
    locale: "en-GB",
    dir: "ltr",
    first: async () => (await import("./en/first")).first,
    rest: async () => (await import("./en/rest")).rest,
  },
  de: {
    name: "Deutsch",
    locale: "de-DE",
    dir: "ltr",
    first: async () => (await import("./de/first")).first,
    rest: async () => (await import("./de/rest")).rest,
  },
};

interface Choice {
  language: Language;
  /** With what is said behind the lock. */
  whole: boolean;
}

let wanted: Choice = { language: preferred(navigator.languages), whole: false };
let spoken: (Choice & { texts: Texts }) | undefined;
const listeners = new Set<() => void>();

/** Loads what the first screens say, in the language that the browser asks for. Nothing can be shown before. */
export function loadFirstTexts(): Promise<void> {
  return speak(wanted);
}

/** Loads everything. No screen behind the lock can be shown before; see {@link useHasAllTexts}. */
export function loadAllTexts(): Promise<void> {
  return speak({ ...wanted, whole: true });
}

export function setLanguage(language: Language): Promise<void> {
  return speak({ ...wanted, language });
}

/** False until everything that is said behind the lock is here. */
export function useHasAllTexts(): boolean {
  return useSyncExternalStore(subscribe, () => spoken?.whole === true);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage);
}

export function useTexts(): Texts {
  return useSyncExternalStore(subscribe, currentTexts);
}

export function useFormat(): Format {
  return formatFor(LANGUAGES[useLanguage()].locale);
}

/** For what is said outside of a component. */
export function currentTexts(): Texts {
  if (spoken === undefined) throw new Error("no texts have been loaded");
  return spoken.texts;
}

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}

/** Loads a choice and changes to it, unless another has been made meanwhile. */
async function speak(choice: Choice): Promise<void> {
  wanted = choice;
  const { language, whole } = choice;
  if (spoken?.language === language && spoken.whole === whole) return;
  try {
    const { first, rest } = LANGUAGES[language];
    const [sections, others] = await Promise.all([first(), whole ? rest() : undefined]);
    if (wanted !== choice) return;
    // Until the rest is there, nobody asks for it.
    spoken = { ...choice, texts: { ...sections, ...others } as Texts };
  } catch (error) {
    if (wanted === choice && spoken !== undefined) wanted = { language: spoken.language, whole: spoken.whole };
    throw error;
  }
  applyToPage();
  for (const tell of listeners) tell();
}

function currentLanguage(): Language {
  return spoken?.language ?? wanted.language;
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
  const { locale, dir } = LANGUAGES[currentLanguage()];
  document.documentElement.lang = locale;
  document.documentElement.dir = dir;
}
