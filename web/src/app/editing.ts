// Who is writing something at the moment. What is typed is sealed as a draft at every pause, before the vault locks, and
// when the tab goes out of sight; a new version of the app waits until nobody writes.

import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { currentTexts } from "../texts";
import { toast } from "../ui/Toast";

/** A pause in typing after which the draft is sealed. */
const PAUSE_MS = 1500;

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

/** True while somebody writes something. */
export function useIsEditing(): boolean {
  return useSyncExternalStore(subscribe, isEditing);
}

export function isEditing(): boolean {
  return open.size > 0;
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
  /** What was sealed last, or still is: a busy vault takes its time. */
  let sealing: Promise<void> | undefined;
  const seal = async () => {
    clearTimeout(timer);
    if (dirty) {
      dirty = false;
      sealing = save();
    }
    const mine = sealing;
    try {
      await mine;
    } catch (error) {
      // Unless it was sealed anew, saved or thrown away meanwhile.
      if (sealing === mine) dirty = true;
      throw error;
    }
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
      sealing = undefined;
      clearTimeout(timer);
    },
  };
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
