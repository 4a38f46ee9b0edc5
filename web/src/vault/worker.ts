// The one worker that has keys and records: it runs the Rust client, and answers one call after the other. What judges
// new passwords is a module of its own beside it (crates/strength).

import { expose, transfer } from "comlink";
import { type Failure, failure, locked } from "./failure";
import start, { type DeviceStatus, Engine, type Enrolled } from "./pkg/wardbook_wasm.js";
import { findSiteKey, forgetSiteKey, keepSiteKey } from "./siteKey";

type Callback = (progress: unknown) => unknown;
type Strength = typeof import("./strength/wardbook_strength.js");

/** What takes a new password. */
const CHOOSING: readonly string[] = [
  "createOrganisation",
  "enrol",
  "joinHere",
  "recover",
  "changePassword",
  "replaceKeys",
] satisfies (keyof Engine)[];

/** After each of these somebody else may be unlocked, or nobody. */
const CHANGING_WHO: readonly string[] = [
  "createOrganisation",
  "enrol",
  "joinHere",
  "recover",
  "unlock",
  "lock",
] satisfies (keyof Engine)[];
const LOAD_MS_MAX = 30_000;

let engine: Engine | undefined;
/** How often one of those was asked for. */
let changes = 0;
/** Judges new passwords. It is large, and loaded when somebody has chosen the first one. */
let strength: Strength | undefined;
/** Fulfilled when the site key is stored, or deleted, as the engine last asked for. */
let siteKeyStored: Promise<void> = Promise.resolve();
/**
 * Why it is not. A vault without its key ends with this worker, so nothing more is put into it (BRW-01): from then on every
 * call fails so, and the vault is told of as one that does not open.
 */
let siteKeyLost: Failure | undefined;

const vaultWorker = {
  async start(): Promise<DeviceStatus> {
    await start();
    const siteKey = await findSiteKey();
    try {
      engine = await Engine.start(siteKey, storeSiteKey, judge);
    } finally {
      siteKey?.fill(0);
    }
    return engine.status();
  },

  async ask(method: string, ...args: unknown[]): Promise<unknown> {
    const act = (engine as unknown as Record<string, unknown> | undefined)?.[method];
    if (typeof act !== "function") throw failure("other", `the vault has no ${method}`);
    if (siteKeyLost !== undefined) {
      if (method !== "status") throw siteKeyLost;
      return { state: "unusable", failure: { ...siteKeyLost, kind: "noSiteKey" } } satisfies DeviceStatus;
    }
    if (CHANGING_WHO.includes(method)) changes += 1;
    if (CHOOSING.includes(method)) await strengthFor(changes);
    // A call blocks this worker, and its progress is told meanwhile: nobody waits for the answer of a callback.
    const plain = args.map((arg) => (typeof arg === "function" ? (progress: unknown) => void (arg as Callback)(progress) : arg));
    let result: unknown;
    try {
      result = act.apply(engine, plain);
    } finally {
      await siteKeyIsStored();
    }
    if (siteKeyLost !== undefined && !hasCodeThatCounts(method, result)) throw siteKeyLost;
    return result instanceof Uint8Array ? transfer(result, [result.buffer as ArrayBuffer]) : result;
  },
};

export type VaultWorker = typeof vaultWorker;

expose(vaultWorker);

/** Other calls are answered while it is loaded: what waits for it is not done once somebody else may be unlocked. */
async function strengthFor(change: number): Promise<void> {
  await loadStrength();
  if (change !== changes) throw locked();
}

async function loadStrength(): Promise<void> {
  if (strength !== undefined) return;
  try {
    const tooLong = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("it took too long")), LOAD_MS_MAX);
    });
    strength = await Promise.race([fetchStrength(), tooLong]);
  } catch (error) {
    throw failure("other", `what new passwords are compared with was not loaded (${String(error)}): try again where there is a network`);
  }
}

async function fetchStrength(): Promise<Strength> {
  const loaded = await import("./strength/wardbook_strength.js");
  await loaded.default();
  return loaded;
}

/** Called by the engine within a method. Where it throws, the engine refuses the password. */
function judge(password: string, context: string[]): { points: number; warning?: string } {
  if (strength === undefined) throw failure("other", "what new passwords are compared with was not loaded");
  const said = strength.judge(password, context);
  const { points, warning } = said;
  said.free();
  return warning === undefined ? { points } : { points, warning };
}

/** Called by the engine within a method. The bytes are this worker's, and wiped. */
function storeSiteKey(key: Uint8Array | undefined): void {
  const stored = siteKeyStored.then(() => (key === undefined ? forgetSiteKey() : keepSiteKey(key)));
  siteKeyStored = stored.finally(() => key?.fill(0));
}

/** Nobody is told that they have joined before their device can be opened again. */
async function siteKeyIsStored(): Promise<void> {
  try {
    await siteKeyStored;
  } catch (error) {
    siteKeyLost = failure("other", 
      `this browser did not keep the key of the device (${String(error)}): allow storage for this address, load it again and begin anew`,
    );
  }
}

/**
 * Who has joined is a member on every device, and their code opens there: it is given all the same, and the next call says what
 * is the matter here. A new organisation is nowhere else, so its codes are worth nothing.
 */
function hasCodeThatCounts(method: string, result: unknown): boolean {
  return method === "enrol" && (result as Enrolled).recoveryCode !== undefined;
}
