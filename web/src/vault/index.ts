// The only door to the vault: no other part of the app imports the wasm package or talks to the worker.
//
//   screens ──Vault: one method for each of Engine──► worker (worker.ts) ──► Engine (crates/wasm)

import { proxy, type Remote, wrap } from "comlink";
import { scriptAddress } from "../security/trustedTypes";
import { type Failure, failure, isDeadly, locked } from "./failure";
import type { DeviceStatus, Engine } from "./pkg/wardbook_wasm.js";
import { Questions } from "./questions";
import { mayNeedServer, reachServer } from "./reach";
import type { VaultWorker } from "./worker";
import workerAddress from "./worker?worker&url";

export type * from "./pkg/wardbook_wasm.js";
export { type Failure, type FailureKind, failureOf } from "./failure";
export { type HeldVault, NotNow, takeVault, takeVaultOver, whenAskedFor } from "./tabs";

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
  /** The same vault until it is locked the next time; then every call of it fails as `locked`. */
  forNow(): Vault;
  /**
   * Ends the worker in the middle of whatever it does, and with it everything that was open in its memory. What it was asked
   * and has not answered fails as `locked`.
   */
  end(): void;
}

/** How long a worker that was ended may still hold the files: a browser lets one finish its step first. */
const FREED_MS_MAX = 10_000;
const LOOK_AGAIN_MS = 200;

/** For the tab that has the vault (`tabs.ts`). `onBroken` is called if the worker goes down later; it has ended then. */
export async function startVault(onBroken: (why: Failure) => void): Promise<StartedVault> {
  const until = Date.now() + FREED_MS_MAX;
  for (;;) {
    const started = await startWorker(onBroken);
    const { status } = started;
    // No other tab may have the files: it is a worker that was just ended, here or in the tab that had the vault before.
    const held = status.state === "unusable" && status.failure.kind === "busy";
    if (!held || Date.now() > until) return started;
    started.end();
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function startWorker(onBroken: (why: Failure) => void): Promise<StartedVault> {
  const worker = new Worker(scriptAddress(workerAddress), { type: "module", name: "wardbook-vault" });
  const remote = wrap<VaultWorker>(worker);
  const questions = new Questions();
  let ended = false;
  const endWith = (why: Failure) => {
    ended = true;
    worker.terminate();
    questions.end(why);
  };
  const end = () => endWith(locked());
  const breakDown = () => {
    // More than one call may say so.
    if (ended) return;
    const why = failure("broken", "the vault went down in this browser: start it again");
    endWith(why);
    onBroken(why);
  };
  const notStarted = new Promise<never>((_, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
  });
  try {
    const status = await Promise.race([remote.start(), notStarted]);
    worker.onerror = breakDown;
    return { ...methodsOf(remote, questions, breakDown), status, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** Asks the browser to keep what is stored; `true` if it will. */
export async function askToPersist(): Promise<boolean> {
  return (await isPersisted()) || (await navigator.storage.persist());
}

export function isPersisted(): Promise<boolean> {
  return navigator.storage.persisted();
}

/** Bytes that this address uses and may use; `undefined` where the browser does not say. */
export async function storageRoom(): Promise<{ used: number; all: number } | undefined> {
  // Safari says it from 17 on.
  if (!("estimate" in navigator.storage)) return undefined;
  const { usage, quota } = await navigator.storage.estimate();
  return usage === undefined || quota === undefined ? undefined : { used: usage, all: quota };
}

function methodsOf(remote: Remote<VaultWorker>, questions: Questions, breakDown: () => void): Pick<StartedVault, "vault" | "forNow"> {
  /** How often the vault was locked. */
  let locks = 0;
  const ask = async (method: string, args: readonly unknown[]) => {
    if (method === "lock") locks += 1;
    if (mayNeedServer(method)) {
      const before = locks;
      await reachServer(vault, method, args);
      // What one member has asked for is not done as the next one.
      if (locks !== before) throw locked();
    }
    try {
      return await remote.ask(method, ...args.map((arg) => (typeof arg === "function" ? proxy(arg) : arg)));
    } catch (error) {
      if (isDeadly(error)) breakDown();
      throw error;
    }
  };
  const methods = (send: typeof ask) =>
    new Proxy({} as Vault, {
      // Whoever awaits a vault asks it for `then`; it has none.
      get: (_, method) =>
        typeof method === "string" && method !== "then" ? (...args: unknown[]) => questions.ask(() => send(method, args)) : undefined,
    });
  const vault = methods(ask);
  const forNow = () => {
    const before = locks;
    return methods(async (method, args) => {
      if (locks !== before) throw locked();
      return ask(method, args);
    });
  };
  return { vault, forNow };
}
