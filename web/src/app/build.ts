// Which build of the app runs here, which one the server has, and when the one changes to the other.

import { useEffect, useSyncExternalStore } from "react";
import { scriptAddress } from "../security/trustedTypes";
import { afterShownOnce, isEditing, useIsEditing } from "./editing";
import { useAppState, useLink } from "./vaultStore";

export interface Build {
  version: string;
  /** SHA-256 over the hashes of all files; none for a start that came from the network. */
  build: string | undefined;
}

/** What the server says of the files that it has: `version.json`. */
export interface ServerBuild {
  version: string;
  build: string;
  files: Record<string, string>;
}

const LOOK_AGAIN_MS = 60 * 60_000;

let waiting: ServiceWorker | undefined;
const listeners = new Set<() => void>();

/** Keeps the shell on this device. While developing there is nothing to keep. */
export async function keepShell(): Promise<void> {
  if (import.meta.env.DEV || !("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    // The first build on a device takes over a page that already runs it; each one after that is another.
    if (controlled) afterShownOnce(() => location.reload());
    controlled = true;
  });
  const registration = await serviceWorker.register(scriptAddress("/sw.js"), { updateViaCache: "none" });
  const look = () => setWaiting(registration.waiting ?? undefined);
  look();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
  // Without a network there is no other build to be had, and that is well.
  setInterval(() => registration.update().catch(() => undefined), LOOK_AGAIN_MS);
}

/** Changes to the build that waits, which loads the page again. Does nothing while somebody writes, or reads what is shown once. */
export function changeBuild(): void {
  if (!isEditing()) waiting?.postMessage("activate");
}

/** True while another build waits. When it may, it takes over by itself: while nobody is unlocked here. */
export function useNewBuildWaits(): boolean {
  const waits = useSyncExternalStore(subscribe, () => waiting !== undefined);
  const now = useAppState();
  const editing = useIsEditing();
  // A link is in the memory of this page alone.
  const link = useLink();
  const free = now.at === "device" && now.status.state === "locked" && !editing && link === undefined;
  useEffect(() => {
    if (waits && free) changeBuild();
  }, [waits, free]);
  return waits;
}

/** The build that runs here. */
export async function runningBuild(): Promise<Build> {
  const controller = "serviceWorker" in navigator ? navigator.serviceWorker.controller : null;
  const version = __APP_VERSION__;
  if (controller === null) return { version, build: undefined };
  const channel = new MessageChannel();
  const answer = new Promise<Build>((resolve) => {
    channel.port1.onmessage = (event: MessageEvent<Build>) => resolve(event.data);
  });
  controller.postMessage("which build", [channel.port2]);
  return answer;
}

/** The build that the server has; `undefined` where it was not reached. */
export async function serverBuild(): Promise<ServerBuild | undefined> {
  try {
    const answer = await fetch("/version.json", { cache: "no-store", credentials: "omit" });
    return answer.ok ? ((await answer.json()) as ServerBuild) : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function setWaiting(worker: ServiceWorker | undefined): void {
  waiting = worker;
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
