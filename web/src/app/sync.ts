// When this device exchanges with its server: after unlocking, soon after something was written, when the network comes
// back, when the server says that there is news, and now and then. Being offline is a state and no error.

import { useSyncExternalStore } from "react";
import { toast } from "../ui/Toast";
import { failureOf, type SyncProgress, type SyncReport, type SyncStatus } from "../vault";
import { waitForNews } from "./news";
import { currentState, currentVault, onWritten, refreshStatus } from "./vaultStore";

export type SyncState =
  /** Not asked yet, or no server. */
  | { at: "none"; status: SyncStatus | undefined }
  | { at: "working"; status: SyncStatus | undefined; progress: SyncProgress | undefined }
  | { at: "offline" | "failed" | "done"; status: SyncStatus };

const AFTER_WRITING_MS = 2000;
const NOW_AND_THEN_MS = 5 * 60_000;

let state: SyncState = { at: "none", status: undefined };
let lastReport: SyncReport | undefined;
let running: Promise<void> | undefined;
const listeners = new Set<() => void>();

export function useSync(): SyncState {
  return useSyncExternalStore(subscribe, () => state);
}

/** What the last completed exchange since unlocking did. */
export function useLastReport(): SyncReport | undefined {
  return useSyncExternalStore(subscribe, () => lastReport);
}

/** Exchanges everything. While an exchange runs, this waits for that one. Never rejects: the state says what came of it. */
export function syncNow(): Promise<void> {
  running ??= exchange().finally(() => {
    running = undefined;
  });
  return running;
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
    if (!now.hasServer) return set({ at: "none", status: now });
    await syncNow();
    if (ended.signal.aborted) return;
    again(NOW_AND_THEN_MS);
    if (state.at === "done" && (await waitForNews(signal))) again(0);
  };
  // Whoever locks in the middle of this hears nothing of it.
  const unlessEnded = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      if (!ended.signal.aborted) toast(failureOf(error).message, "bad");
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
    lastReport = undefined;
    set({ at: "none", status: undefined });
  };
}

async function exchange(): Promise<void> {
  const vault = currentVault();
  set({ at: "working", status: state.status, progress: undefined });
  try {
    lastReport = await vault.sync((progress: SyncProgress) => set({ at: "working", status: state.status, progress }));
  } catch (error) {
    const { kind } = failureOf(error);
    if (kind === "locked" || kind === "retired") return refreshStatus();
  }
  if (!hasVault()) return;
  await refresh();
  // An exchange may have opened a session that waited for it, or closed one: a device is retired so.
  await refreshStatus();
}

/** Shows what the vault says of the last exchange and of what waits. */
async function refresh(): Promise<void> {
  const status = await currentVault().syncStatus();
  if (!status.hasServer) set({ at: "none", status });
  else if (status.offlineSinceMs !== undefined || status.failure?.kind === "offline") set({ at: "offline", status });
  else set({ at: status.failure === undefined ? "done" : "failed", status });
}

/** False once another tab has taken the vault, or it was locked, while the exchange ran. */
function hasVault(): boolean {
  const now = currentState();
  return now.at === "device" && (now.status.state === "open" || now.status.state === "waiting");
}

function set(next: SyncState): void {
  state = next;
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
