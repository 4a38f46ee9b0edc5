// What a member likes: language, colours, when to lock. It is kept sealed with their drafts, so the next member on a shared
// tablet has their own; until somebody unlocks, it is as whoever used the page last left it.

import { useSyncExternalStore } from "react";
import { isLanguage, type Language, setLanguage } from "../texts";
import { toast } from "../ui/Toast";
import { failureOf } from "../vault";
import { currentState, currentVault } from "./vaultStore";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  /** Absent: as the browser says. */
  language?: Language;
  theme: Theme;
  idleMinutes: number;
}

/** SP 800-63B-4 section 2.2.3 allows an hour; a tablet on a ward is put down more often than that. */
export const IDLE_MINUTES = [2, 5, 10, 15, 30, 60] as const;
const DEFAULTS: Preferences = { theme: "system", idleMinutes: 5 };
const DRAFT = "app/preferences";

let current: Preferences = DEFAULTS;
const listeners = new Set<() => void>();

/** For lists of drafts: preferences are none of a record. */
export function isDraftOfRecord(key: string): boolean {
  return key !== DRAFT;
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

/** Changes them for now, and for the member if one is unlocked. */
export async function setPreferences(change: Partial<Preferences>): Promise<void> {
  try {
    await take({ ...current, ...change });
    const now = currentState();
    if (now.at !== "device" || now.status.state !== "open") return;
    await currentVault().saveDraft(DRAFT, JSON.stringify(current));
  } catch (error) {
    toast(failureOf(error).message, "bad");
  }
}

/** Takes those of the member who has just unlocked. */
export async function loadPreferences(): Promise<void> {
  const text = await currentVault().draft(DRAFT);
  await take(text === undefined ? { ...current, idleMinutes: DEFAULTS.idleMinutes } : read(text));
}

/** What an older or newer version wrote is taken as far as it is understood. */
function read(text: string): Preferences {
  const said = JSON.parse(text) as Partial<Record<keyof Preferences, unknown>>;
  const theme: Theme = said.theme === "light" || said.theme === "dark" ? said.theme : "system";
  const idleMinutes = IDLE_MINUTES.find((minutes) => minutes === said.idleMinutes) ?? DEFAULTS.idleMinutes;
  return { theme, idleMinutes, ...(isLanguage(said.language) ? { language: said.language } : {}) };
}

/** Resolves when the language is there; everything else holds at once. */
async function take(next: Preferences): Promise<void> {
  current = next;
  if (next.theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = next.theme;
  for (const tell of listeners) tell();
  if (next.language !== undefined) await setLanguage(next.language);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
