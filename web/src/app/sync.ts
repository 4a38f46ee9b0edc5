// When this device exchanges with its server: after unlocking, soon after something was written, when the network comes
// back, when the server says that there is news, and now and then. Being offline is a state and no error.

import { useSyncExternalStore } from "react";
import { toast } from "../ui/Toast";
import { failureOf, type HeldAttachment, type SyncProgress, type SyncReport, type SyncStatus } from "../vault";
import { waitForNews } from "./news";
import { currentState, currentVault, onWritten, refreshStatus, useMe } from "./vaultStore";

export type SyncState =
  /** Not asked yet, or no server. */
  | { at: "none"; status: SyncStatus | undefined }
  | { at: "working"; status: SyncStatus | undefined; progress: SyncProgress | undefined }
  | { at: "offline" | "failed" | "done"; status: SyncStatus };

/** What exchanges have brought up for the member who is here to read, until they have. */
export interface ToRead {
  /** Passwords and recovery codes that were changed on two devices apart, in the words of the vault. */
  passwords: readonly string[];
  /** Of the last exchange. */
  heldAttachments: readonly HeldAttachment[];
  putAside(): void;
}

/** The server was not reached. An exchange that was not begun for that is not known to the vault. */
interface Unreached {
  sinceMs: number;
  why: NonNullable<SyncStatus["failure"]>;
}

const AFTER_WRITING_MS = 2000;
const NOW_AND_THEN_MS = 5 * 60_000;

let state: SyncState = { at: "none", status: undefined };
let lastReport: SyncReport | undefined;
let running: Promise<void> | undefined;
/** Counts who unlocked: what was asked for one of them shows nothing to the next. */
let session = 0;
let unreached: Unreached | undefined;
/** Of all exchanges of this page: the vault may say each of them once. */
let passwords: readonly string[] = [];
/** What was put aside, and by whom: what concerns one member may have been read by another. */
let readBy: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

export function useSync(): SyncState {
  return useSyncExternalStore(subscribe, () => state);
}

/** What the last completed exchange since unlocking did. */
export function useLastReport(): SyncReport | undefined {
  return useSyncExternalStore(subscribe, () => lastReport);
}

export function useToRead(): ToRead {
  const { id } = useMe();
  const told = useSyncExternalStore(subscribe, () => passwords);
  const read = useSyncExternalStore(subscribe, () => readBy);
  const held = useLastReport()?.heldAttachments ?? [];
  const ofHeld = ({ blob, reason }: HeldAttachment) => `${id} ${blob} ${reason}`;
  const ofWords = (words: string) => `${id} ${words}`;
  return {
    passwords: told.filter((words) => !read.has(ofWords(words))),
    heldAttachments: held.filter((one) => !read.has(ofHeld(one))),
    putAside() {
      readBy = new Set([...read, ...told.map(ofWords), ...held.map(ofHeld)]);
      tell();
    },
  };
}

/** Exchanges everything. While an exchange runs, this waits for that one. Never rejects: the state says what came of it. */
export function syncNow(): Promise<void> {
  if (running !== undefined) return running;
  const mine = exchange(session).finally(() => {
    if (running === mine) running = undefined;
  });
  running = mine;
  return mine;
}

/** Keeps this device up to date while somebody is unlocked. Returns what ends it. */
export function keepInSync(): () => void {
  const ended = new AbortController();
  let soon: ReturnType<typeof setTimeout> | undefined;
  /** One stream of news at a time: the next exchange ends it. */
  let news = new AbortController();
  const again = (ms: number) => {
    clearTimeout(soon);
    soon = setTimeout(() => unlessEnded(round()), ms);
  };
  const round = async () => {
    if (ended.signal.aborted) return;
    news.abort();
    news = new AbortController();
    const { signal } = news;
    const now = state.status ?? (await currentVault().syncStatus());
    if (ended.signal.aborted) return;
    if (!now.hasServer) return set({ at: "none", status: now });
    await syncNow();
    if (ended.signal.aborted) return;
    again(NOW_AND_THEN_MS);
    if (state.at === "done" && (await waitForNews(signal))) again(0);
  };
  // Whoever locks in the middle of this hears nothing of it.
  const unlessEnded = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      if (!ended.signal.aborted && hasVault()) toast(failureOf(error).message, "bad");
    });
  const online = () => again(0);
  const stopWritten = onWritten(() => {
    unlessEnded(refresh());
    again(AFTER_WRITING_MS);
  });
  window.addEventListener("online", online);
  unlessEnded(round());
  return () => {
    ended.abort();
    news.abort();
    clearTimeout(soon);
    stopWritten();
    window.removeEventListener("online", online);
    session += 1;
    running = undefined;
    lastReport = undefined;
    set({ at: "none", status: undefined });
  };
}

async function exchange(mine: number): Promise<void> {
  const vault = currentVault();
  const working = (progress?: SyncProgress) => setOf(mine, { at: "working", status: state.status, progress });
  working();
  try {
    takeReport(mine, await vault.sync(working));
  } catch (error) {
    const failure = failureOf(error);
    const { kind } = failure;
    if (kind === "locked" || kind === "retired") return refreshStatus();
    if (mine !== session) return;
    // Whatever else it says, the server was there to say it.
    unreached = kind === "offline" ? { sinceMs: unreached?.sinceMs ?? Date.now(), why: { ...failure, kind } } : undefined;
  }
  if (mine !== session || !hasVault()) return;
  await refresh();
  // An exchange may have opened a session that waited for it, or closed one: a device is retired so.
  await refreshStatus();
}

function takeReport(mine: number, report: SyncReport): void {
  unreached = undefined;
  if (mine === session) lastReport = report;
  passwords = [...new Set([...passwords, ...report.passwords])];
}

/** Shows what the vault says of the last exchange and of what waits. */
async function refresh(): Promise<void> {
  const mine = session;
  const status = withUnreached(await currentVault().syncStatus());
  if (!status.hasServer) setOf(mine, { at: "none", status });
  else if (status.offlineSinceMs !== undefined || status.failure?.kind === "offline") setOf(mine, { at: "offline", status });
  else setOf(mine, { at: status.failure === undefined ? "done" : "failed", status });
}

function withUnreached(status: SyncStatus): SyncStatus {
  if (unreached === undefined) return status;
  const { sinceMs, why } = unreached;
  return { ...status, failure: why, offlineSinceMs: Math.min(sinceMs, status.offlineSinceMs ?? sinceMs) };
}

/** False once another tab has taken the vault, or it was locked, while the exchange ran. */
function hasVault(): boolean {
  const now = currentState();
  return now.at === "device" && (now.status.state === "open" || now.status.state === "waiting");
}

function setOf(mine: number, next: SyncState): void {
  if (mine === session) set(next);
}

function set(next: SyncState): void {
  state = next;
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
