// Why something was not done: what the engine throws, and what only the page can find out.

import type { Failure as EngineFailure, FailureKind as EngineKind } from "./pkg/wardbook_wasm.js";

export type FailureKind =
  | EngineKind
  /** The engine itself went down. What is on the disk is whole; what was open in its memory is gone. */
  | "broken"
  /** The server was not reached, and without it nothing of this can be begun. */
  | "serverFirst"
  /** The server was not reached, and nothing of this is kept here to be sent later. */
  | "offlineNeeded";

export interface Failure extends Omit<EngineFailure, "kind"> {
  kind: FailureKind;
}

/** What the engine dies of: a trap of WebAssembly, or no room for its stack; the last is Firefox's name for that. */
const DEADLY: readonly string[] = ["RuntimeError", "RangeError", "InternalError"];

/** What the vault threw, also where it was no failure of its own: a bug, or a worker that has ended. */
export function failureOf(error: unknown): Failure {
  if (isFailure(error)) return error;
  return failure("other", error instanceof Error ? error.message : String(error));
}

export function failure(kind: FailureKind, message: string): Failure {
  return { kind, message, waitSecs: undefined, code: undefined };
}

export function locked(): Failure {
  return failure("locked", "the vault was locked meanwhile: unlock it and try again");
}

/** True where no call of the same engine can be trusted after this one. */
export function isDeadly(error: unknown): boolean {
  return error instanceof Error && DEADLY.includes(error.name);
}

function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && !(error instanceof Error) && "kind" in error && "message" in error;
}
