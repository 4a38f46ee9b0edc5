// What the app is at: starting, in another tab, without a vault, locked, waiting for the server, or open. Screens ask the
// vault through `useQuery` and `useAct`; when something has changed, every query is asked again.

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { currentTexts } from "../texts";
import { clearToasts, toast } from "../ui/Toast";
import {
  type DeviceStatus, type Failure, type FailureKind, failureOf, type HeldVault, type Me, NotNow, type StartedVault, startVault,
  takeVault, takeVaultOver, type Vault, type VaultLine, whenAskedFor,
} from "../vault";
import { afterShownOnce, isShownOnce, sealDrafts, thenShownOnce } from "./editing";

export type AppState =
  | { at: "starting" }
  | { at: "otherTab"; asking: boolean; refused: boolean }
  /** The program itself did not start and the vault was not looked at, or, as `broken`, it went down later. */
  | { at: "broken"; failure: Failure }
  /** Covered, while drafts are sealed and keys dropped. */
  | { at: "locking" }
  | { at: "device"; status: DeviceStatus };

/** Somebody who unlocked since the page was loaded. Remembered in memory only. */
export interface Person {
  user: string;
  name: string;
}

const PEOPLE_MAX = 8;
/** What fails so may say that the records were closed. */
const CLOSED: readonly FailureKind[] = ["locked", "retired", "leaseExpired"];
/** How long another tab waits for a vault that is busy; see `vault/tabs.ts`. */
const GIVING_UP_MS_MAX = 5000;

let state: AppState = { at: "starting" };
let started: StartedVault | undefined;
/** From the moment that another tab asks for the vault, this one has it no more. */
let held: HeldVault | undefined;
let revision = 0;
let people: readonly Person[] = [];
let switching = false;
let link: string | undefined;
let draftToOpen: string | undefined;
/** What people have told the vault to write, until it has. */
const writing = new Set<Promise<unknown>>();
const listeners = new Set<() => void>();
const writtenListeners = new Set<() => void>();

/** Opens the vault of this browser, unless another tab has it. */
export async function begin(): Promise<void> {
  set({ at: "starting" });
  try {
    await openWith(takeVault);
  } catch (error) {
    // A browser without locks, or a page that did not come over HTTPS.
    set({ at: "broken", failure: failureOf(error) });
  }
}

/** Takes the vault from the other tab. */
export async function takeOver(): Promise<void> {
  set({ at: "otherTab", asking: true, refused: false });
  try {
    await openWith(takeVaultOver);
  } catch (error) {
    const notNow = error instanceof NotNow;
    if (!notNow && !(error instanceof DOMException)) throw error;
    set({ at: "otherTab", asking: false, refused: !notNow });
    if (notNow) toast(currentTexts().app.otherTab.notNow, "bad");
  }
}

async function openWith(take: () => Promise<HeldVault | undefined>): Promise<void> {
  const lock = await take();
  if (lock === undefined) return set({ at: "otherTab", asking: false, refused: false });
  try {
    started = await startVault(breakDown);
  } catch (error) {
    lock.release();
    return set({ at: "broken", failure: failureOf(error) });
  }
  const stopListening = whenAskedFor(() => {
    if (isShownOnce()) return false;
    void giveUp();
    return true;
  });
  held = {
    release() {
      stopListening();
      lock.release();
    },
  };
  showStatus(started.status);
}

/** Lets the other tab have the vault, with everything sealed and written, if that takes no longer than it waits. */
async function giveUp(): Promise<void> {
  const given = held;
  // It has asked before.
  if (given === undefined) return;
  held = undefined;
  const done = Promise.all([sealDrafts(), allWritten()]);
  set({ at: "otherTab", asking: false, refused: false });
  await Promise.race([done, new Promise((resolve) => setTimeout(resolve, GIVING_UP_MS_MAX))]);
  started?.end();
  started = undefined;
  given.release();
}

/** The worker went down, keys and all. Drafts are on the disk as they were last sealed; a person says when to start again. */
function breakDown(failure: Failure): void {
  started = undefined;
  held?.release();
  held = undefined;
  // What is shown once is in the page, and stays until somebody has it.
  afterShownOnce(() => {
    if (started === undefined) set({ at: "broken", failure });
  });
}

/** True until another tab has asked for the vault. */
export function isHere(): boolean {
  return held !== undefined;
}

/**
 * Ends the worker in the middle of whatever it does, and starts another, which has nobody's keys. What is on the disk is whole
 * at every moment: an exchange goes on where it stopped, a file that was being imported was not. `first` is done before
 * anything is shown.
 */
export async function startAgain(first?: (vault: Vault) => Promise<DeviceStatus>): Promise<void> {
  const mine = held;
  if (mine === undefined) return;
  started?.end();
  started = undefined;
  try {
    const fresh = await startVault(breakDown);
    if (held !== mine) return fresh.end();
    started = fresh;
    const status = first === undefined ? fresh.status : await first(fresh.vault);
    if (held === mine) showStatus(status);
  } catch (error) {
    if (held === mine) set({ at: "broken", failure: failureOf(error) });
  }
}

/** Deletes what was begun by joining and never answered: its key first, and the rest with a worker that does not know the key. */
export async function giveUpJoining(): Promise<void> {
  await currentVault().giveUpJoining();
  await startAgain((vault) => vault.discardVault());
}

/** What a call of a screen that unlocks or joins has given. Where the screen was covered meanwhile, it stays so. */
export function setStatus(status: DeviceStatus): void {
  if (state.at === "device") showStatus(status);
}

/** Shows what the vault is at, whatever was shown before. */
export function showStatus(status: DeviceStatus): void {
  if (status.state === "open") {
    const { user, name } = status.me;
    people = [{ user, name }, ...people.filter((person) => person.user !== user)].slice(0, PEOPLE_MAX);
  }
  revision += 1;
  set({ at: "device", status });
}

/** Asks the vault what it is at: after a failure that may mean that it has locked, and after a sync. */
export async function refreshStatus(): Promise<void> {
  const asked = started;
  if (asked === undefined) return;
  try {
    const status = await asked.vault.status();
    if (isCurrent(asked)) showStatus(status);
  } catch (error) {
    // A worker that was ended answers nothing, and what comes after it says so itself.
    if (isCurrent(asked)) throw error;
  }
}

/** Takes everything from the screen, on the way to being locked. `toSwitch` says that somebody else is to unlock next. */
export function showLocking(toSwitch: boolean): void {
  switching = toSwitch;
  set({ at: "locking" });
}

/** Resolves when everything that people have told the vault to write was written, or was not. */
export async function allWritten(): Promise<void> {
  await Promise.allSettled([...writing]);
}

/** Something was written or has come in: what is on the screen is asked for again. */
export function changed(): void {
  revision += 1;
  for (const tell of listeners) tell();
}

/** Calls back after each thing that was written here, for a sync to follow. */
export function onWritten(listener: () => void): () => void {
  writtenListeners.add(listener);
  return () => writtenListeners.delete(listener);
}

/** A link that the page was opened with, until somebody has joined by it or put it aside. */
export function setLink(opened: string | undefined): void {
  link = opened;
  for (const tell of listeners) tell();
}

/** Says which draft its chart opens next, until it has. It is of a patient, so no address and no history has it. */
export function setDraftToOpen(key: string | undefined): void {
  draftToOpen = key;
  for (const tell of listeners) tell();
}

export function currentState(): AppState {
  return state;
}

export function currentVault(): Vault {
  if (started === undefined) throw new Error("the vault is not in this tab");
  return started.vault;
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAppState(): AppState {
  return useSyncExternalStore(subscribe, currentState);
}

export function usePeople(): readonly Person[] {
  return useSyncExternalStore(subscribe, () => people);
}

/** Who most likely unlocks next: who was here last, unless they made way for somebody else. */
export function useExpected(): Person | undefined {
  const [last] = usePeople();
  return switching ? undefined : last;
}

export function useLink(): string | undefined {
  return useSyncExternalStore(subscribe, () => link);
}

export function useDraftToOpen(): string | undefined {
  return useSyncExternalStore(subscribe, () => draftToOpen);
}

/** The member who is unlocked; for what is below the shell. */
export function useMe(): Me {
  return useOpened().me;
}

/** Organisation, device and lease; for what is below the shell. */
export function useVaultLine(): VaultLine {
  return useOpened().vault;
}

/** What people call this device; for what is below the shell. */
export function useDeviceName(): string {
  return useOpened().deviceName;
}

function useOpened() {
  const now = useAppState();
  if (now.at !== "device" || now.status.state !== "open") throw new Error("nobody is unlocked");
  return now.status;
}

export interface Query<T> {
  /** Absent until the first answer; stays while it is asked again. */
  data: T | undefined;
  failure: Failure | undefined;
  asking: boolean;
  again(): void;
}

interface Answer<T> {
  of: string;
  data: T | undefined;
  failure: Failure | undefined;
}

/**
 * Asks the vault, and again whenever something has changed. `key` and `deps` say what is asked: with another of them, the
 * old answer is no longer shown.
 */
export function useQuery<T>(key: string, ask: (vault: Vault) => Promise<T>, deps: readonly unknown[] = []): Query<T> {
  const of = JSON.stringify([key, ...deps]);
  const at = useSyncExternalStore(subscribe, () => revision);
  const [turn, setTurn] = useState(0);
  const [answer, setAnswer] = useState<Answer<T>>({ of: "", data: undefined, failure: undefined });
  const [answered, setAnswered] = useState("");
  const asked = useRef(ask);
  useEffect(() => {
    asked.current = ask;
  });
  const round = `${of} ${at} ${turn}`;
  useEffect(() => {
    let current = true;
    const take = (data: T | undefined, failure: Failure | undefined) => {
      if (!current) return;
      setAnswer((before) => ({ of, data: data ?? (before.of === of ? before.data : undefined), failure }));
      setAnswered(round);
    };
    const asking = async () => asked.current(currentVault());
    asking().then(
      (data) => take(data, undefined),
      (error: unknown) => take(undefined, failureOf(error)),
    );
    return () => {
      current = false;
    };
  }, [of, round]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const shown = answer.of === of ? answer : undefined;
  return { data: shown?.data, failure: shown?.failure, asking: answered !== round, again };
}

export interface Act<Args extends unknown[], Result> {
  /** Resolves with `undefined` where it failed; `failure` says why. */
  run(...args: Args): Promise<Result | undefined>;
  busy: boolean;
  failure: Failure | undefined;
  clear(): void;
}

export interface ActKind {
  /** After success every query is asked again, and a sync follows. */
  writes?: boolean;
  /** Locking does not wait for it: nothing that somebody typed is lost if it is broken off, and it can be done again. */
  repeatable?: boolean;
  /** What it gives is shown this once, such as a recovery code. */
  once?: boolean;
}

/** Does something with the vault, one at a time. */
export function useAct<Args extends unknown[], Result>(
  act: (vault: Vault, ...args: Args) => Promise<Result>,
  { writes = true, repeatable = !writes, once = false }: ActKind = {},
): Act<Args, Result> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const run = async (...args: Args): Promise<Result | undefined> => {
    if (busy) return undefined;
    setBusy(true);
    setFailure(undefined);
    const asked = started;
    try {
      // What one member has begun does not go on as the next.
      const work = act(asked?.forNow() ?? currentVault(), ...args);
      const result = await (repeatable ? work : noted(once ? thenShownOnce(work) : work));
      // It is done, and nobody is there any more to be told of it.
      if (!isCurrent(asked)) return undefined;
      if (writes) written();
      return result;
    } catch (error) {
      const why = failureOf(error);
      setFailure(why);
      if (CLOSED.includes(why.kind)) await refreshStatus();
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { run, busy, failure, clear: () => setFailure(undefined) };
}

async function noted<T>(work: Promise<T>): Promise<T> {
  writing.add(work);
  try {
    return await work;
  } finally {
    writing.delete(work);
  }
}

/** False once the screen was covered, or the vault has another worker or is gone. */
function isCurrent(asked: StartedVault | undefined): boolean {
  return started === asked && state.at === "device";
}

function written(): void {
  changed();
  for (const tell of writtenListeners) tell();
}

function set(next: AppState): void {
  state = next;
  if (next.at !== "device" || next.status.state !== "open") {
    // The next person reads nothing of what the last one was told, or was at.
    clearToasts();
    draftToOpen = undefined;
  }
  for (const tell of listeners) tell();
}
