// Who is writing something at the moment, and what is shown once and never again. What is typed is sealed as a draft at every
// pause, before the vault locks, and when the tab goes out of sight; a new version of the app waits until nobody writes. What is
// shown once is kept nowhere: it stays until somebody says that they have it, or until the device locks.

import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { currentTexts } from "../texts";
import { toast } from "../ui/Toast";

/** A pause in typing after which the draft is sealed. */
const PAUSE_MS = 1500;
const DRAWN_MS = 100;

interface Editing {
  label: string;
  /** Seals what is typed, if anything was since the last time. */
  seal(): Promise<void>;
}

export interface EditingHandle {
  /** To be called with each change of what is typed. */
  touched(): void;
  /** To be called when it was saved to the chart or thrown away: there is no draft any more. */
  finished(): void;
}

const open = new Set<Editing>();
/** Of forms that were left before they had an answer. */
const leaving = new Set<Promise<void>>();
/** How many things are on the screen that are shown once. */
let shownOnce = 0;
/** What waits until nothing of that is left. */
const waiting = new Set<() => void>();
const listeners = new Set<() => void>();

document.addEventListener("visibilitychange", () => {
  // A tablet may end the page without another word.
  if (document.visibilityState === "hidden") void sealDrafts();
});

/**
 * Says that something is being written while a form is on the screen and `active`.
 *
 * `saveDraft` seals what is typed now. Where it rejects, the person is told to copy what they typed.
 */
export function useEditing(label: string, saveDraft: () => Promise<void>, active = true): EditingHandle {
  const latest = useRef(saveDraft);
  useEffect(() => {
    latest.current = saveDraft;
  });
  const work = useMemo(() => pauses(async () => latest.current()), []);
  useEffect(() => {
    if (!active) return undefined;
    const editing = { label, seal: work.seal };
    open.add(editing);
    tell();
    return () => {
      // Whoever leaves the form in the middle of a word finds the word again.
      const last: Promise<void> = work.seal().catch(tellUnsealed).finally(() => leaving.delete(last));
      leaving.add(last);
      open.delete(editing);
      tell();
    };
  }, [label, active, work]);
  return work;
}

/** Says that what is on the screen now, such as a recovery code, is shown this once. */
export function useShownOnce(): void {
  useEffect(show, []);
}

/** Waits for what is going to be shown once. Until it is on the screen, it is as if it were there. */
export async function thenShownOnce<T>(work: Promise<T>): Promise<T> {
  const hide = show();
  try {
    return await work;
  } finally {
    // What shows it is drawn before that.
    setTimeout(hide, DRAWN_MS);
  }
}

/** Counts something that is shown once. Returns what ends that. */
function show(): () => void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener("beforeunload", ask);
  shownOnce += 1;
  tell();
  return () => {
    window.removeEventListener("beforeunload", ask);
    shownOnce -= 1;
    tell();
    if (shownOnce === 0) doWhatWaits();
  };
}

export function useIsShownOnce(): boolean {
  return useSyncExternalStore(subscribe, isShownOnce);
}

/** True while something is on the screen that is shown once. */
export function isShownOnce(): boolean {
  return shownOnce > 0;
}

/** Does what would take something off the screen that is shown once: now, or when nothing of that is left. */
export function afterShownOnce(act: () => void): void {
  waiting.add(act);
  if (!isShownOnce()) doWhatWaits();
}

/** True while somebody writes something, or has before them what is shown once. */
export function useIsEditing(): boolean {
  return useSyncExternalStore(subscribe, isEditing);
}

export function isEditing(): boolean {
  return open.size > 0 || isShownOnce();
}

/** Seals every draft, and waits for those that are being sealed; gives the labels of those that could not be. */
export async function sealDrafts(): Promise<string[]> {
  const all = [...open];
  const left = [...leaving];
  const done = await Promise.allSettled(all.map((editing) => editing.seal()));
  await Promise.all(left);
  return all.filter((_, at) => done[at]?.status === "rejected").map(({ label }) => label);
}

function pauses(save: () => Promise<void>): EditingHandle & { seal(): Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dirty = false;
  /** One at a time: a busy vault takes its time, and what was typed later has to be sealed later. */
  let running: Promise<void> | undefined;
  /** How often what was typed was saved or thrown away. */
  let finishes = 0;
  const sealNow = async () => {
    const before = finishes;
    dirty = false;
    try {
      await save();
    } catch (error) {
      // What was saved or thrown away meanwhile needs no draft.
      if (finishes !== before) return;
      dirty = true;
      throw error;
    } finally {
      running = undefined;
    }
  };
  const seal = async () => {
    clearTimeout(timer);
    // One that fails leaves all of it to be sealed, which is done here.
    while (running !== undefined) await Promise.allSettled([running]);
    if (!dirty) return;
    running = sealNow();
    await running;
  };
  return {
    seal,
    touched() {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(() => seal().catch(tellUnsealed), PAUSE_MS);
    },
    finished() {
      dirty = false;
      finishes += 1;
      clearTimeout(timer);
    },
  };
}

function doWhatWaits(): void {
  const acts = [...waiting];
  waiting.clear();
  for (const act of acts) act();
}

function tellUnsealed(): void {
  toast(currentTexts().errors.draftsNotSealed, "bad");
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
