// The only door to the vault: no other part of the app imports the wasm package or talks to the worker.
//
//   screens ──Vault: one method for each of Engine──► worker (worker.ts) ──► Engine (crates/wasm)

import { proxy, type Remote, wrap } from "comlink";
import { scriptAddress } from "../security/trustedTypes";
import type { DeviceStatus, Engine, Failure } from "./pkg/wardbook_wasm.js";
import type { VaultWorker } from "./worker";
import workerAddress from "./worker?worker&url";

export type * from "./pkg/wardbook_wasm.js";
export { type HeldVault, takeVault, takeVaultOver, whenAskedFor } from "./tabs";

type Method = Exclude<
  { [Name in keyof Engine]: Engine[Name] extends (...args: never[]) => unknown ? Name : never }[keyof Engine],
  "free" | symbol
>;

/** Every method of the engine, answered by the worker. Each rejects with a {@link Failure}. */
export type Vault = {
  readonly [Name in Method]: (...args: Parameters<Engine[Name]>) => Promise<Awaited<ReturnType<Engine[Name]>>>;
};

export interface StartedVault {
  vault: Vault;
  status: DeviceStatus;
  /** Ends the worker, and with it everything that was open in its memory. */
  end(): void;
}

export async function startVault(): Promise<StartedVault> {
  const worker = new Worker(scriptAddress(workerAddress), { type: "module", name: "wardbook-vault" });
  const remote = wrap<VaultWorker>(worker);
  const broken = new Promise<never>((_, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
  });
  try {
    const status = await Promise.race([remote.start(), broken]);
    return { vault: methodsOf(remote), status, end: () => worker.terminate() };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

/** What the vault threw, also where it was no failure of its own: a bug, or a worker that has ended. */
export function failureOf(error: unknown): Failure {
  if (isFailure(error)) return error;
  return { kind: "other", message: error instanceof Error ? error.message : String(error) } as Failure;
}

/** Asks the browser to keep what is stored; `true` if it will. */
export async function askToPersist(): Promise<boolean> {
  return (await isPersisted()) || (await navigator.storage.persist());
}

export function isPersisted(): Promise<boolean> {
  return navigator.storage.persisted();
}

/** Bytes that this address uses and may use, as far as the browser says. */
export async function storageRoom(): Promise<{ used: number; all: number }> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { used: usage, all: quota };
}

function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && !(error instanceof Error) && "kind" in error && "message" in error;
}

function methodsOf(remote: Remote<VaultWorker>): Vault {
  const call = (method: string, args: unknown[]) =>
    remote.ask(method, ...args.map((arg) => (typeof arg === "function" ? proxy(arg) : arg)));
  return new Proxy({} as Vault, {
    // Whoever awaits a vault asks it for `then`; it has none.
    get: (_, method) => (typeof method === "string" && method !== "then" ? (...args: unknown[]) => call(method, args) : undefined),
  });
}
