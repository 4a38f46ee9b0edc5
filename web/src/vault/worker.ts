// The one worker that has keys and records: it runs the Rust client, and answers one call after the other.

import { expose, transfer } from "comlink";
import start, { Engine, type DeviceStatus, type Failure } from "./pkg/wardbook_wasm.js";
import { findSiteKey, forgetSiteKey, keepSiteKey } from "./siteKey";

type Callback = (progress: unknown) => unknown;

let engine: Engine | undefined;
/** Fulfilled when the site key is stored as the engine last asked for. */
let siteKeyStored: Promise<void> = Promise.resolve();

const vaultWorker = {
  async start(): Promise<DeviceStatus> {
    await start();
    const siteKey = await findSiteKey();
    engine = await Engine.start(siteKey, storeSiteKey);
    siteKey?.fill(0);
    await siteKeyIsStored();
    return engine.status();
  },

  async ask(method: string, ...args: unknown[]): Promise<unknown> {
    const act = (engine as unknown as Record<string, unknown> | undefined)?.[method];
    if (typeof act !== "function") throw failure(`the vault has no ${method}`);
    // A call blocks this worker, and its progress is told meanwhile: nobody waits for the answer of a callback.
    const plain = args.map((arg) => (typeof arg === "function" ? (progress: unknown) => void (arg as Callback)(progress) : arg));
    let result: unknown;
    try {
      result = act.apply(engine, plain);
    } finally {
      await siteKeyIsStored();
    }
    return result instanceof Uint8Array ? transfer(result, [result.buffer as ArrayBuffer]) : result;
  },
};

export type VaultWorker = typeof vaultWorker;

expose(vaultWorker);

function storeSiteKey(key: Uint8Array | undefined): void {
  const copy = key === undefined ? undefined : new Uint8Array(key);
  siteKeyStored = siteKeyStored.then(() => (copy === undefined ? forgetSiteKey() : keepSiteKey(copy).finally(() => copy.fill(0))));
}

/** Nobody is told that they have joined before their device can be opened again. */
async function siteKeyIsStored(): Promise<void> {
  try {
    await siteKeyStored;
  } catch (error) {
    siteKeyStored = Promise.resolve();
    throw failure(`this browser did not keep the key of the device (${String(error)}): allow storage for this address and try again`);
  }
}

function failure(message: string): Failure {
  return { kind: "other", message } as Failure;
}
