// Locking: what is typed is sealed, the screen is covered, and the keys go. A busy worker is not waited for: an exchange or
// an import is one call of it and may take minutes, while whoever locks walks away from the tablet. It is ended instead, and
// another one is started; both leave what is on the disk whole.
//
//   cover ─► drafts sealed, what was told to be written is written ─► keys dropped, or their worker ended ─► lock screen

import { currentTexts } from "../texts";
import { sealDrafts } from "./editing";
import { allWritten, currentVault, isHere, showLocking, showStatus, startAgain } from "./vaultStore";

export interface HowToLock {
  /** Also where a draft cannot be sealed. */
  always?: boolean;
  /** Somebody else is to unlock next. */
  toSwitch?: boolean;
}

/** How long keys may stay with a worker that is busy, once nothing is left that would be lost with it. */
const ANSWER_MS_MAX = 1000;

let locking: Promise<string[]> | undefined;

/**
 * Seals drafts, drops the keys and covers the screen. Where a draft cannot be sealed, nothing is locked and its labels are
 * given, unless it has to be (`always`).
 */
export async function lock(how: HowToLock = {}): Promise<string[]> {
  // One after the other: who has to lock does so after somebody whose draft could not be sealed.
  while (locking !== undefined) {
    const unsealed = await locking;
    if (unsealed.length === 0 || how.always !== true) return unsealed;
  }
  locking = lockNow(how).finally(() => {
    locking = undefined;
  });
  return locking;
}

async function lockNow({ always = false, toSwitch = false }: HowToLock): Promise<string[]> {
  // Another tab may have it by now.
  if (!isHere()) return [];
  cover();
  try {
    const sealing = sealDrafts();
    // Who locks by hand gets their form back if what is in it cannot be sealed; until then nobody sees it.
    if (always) showLocking(toSwitch);
    const unsealed = await sealing;
    if (unsealed.length > 0 && !always) return unsealed;
    await allWritten();
    if (isHere()) {
      showLocking(toSwitch);
      await dropKeys();
    }
    return unsealed;
  } finally {
    uncover();
  }
}

async function dropKeys(): Promise<void> {
  try {
    const status = await inTime(currentVault().lock());
    // Another tab may have asked for the vault: then it is gone from here, keys and all.
    if (isHere()) showStatus(status);
  } catch {
    // Too busy to answer, or broken: either way its memory goes with it.
    await startAgain();
  }
}

/** Rejects where the worker has not answered by then. */
function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException("the worker is busy", "TimeoutError")), ANSWER_MS_MAX);
    void answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** By a style and not by taking it away: it has to be gone at once, and may have to come back. */
function cover(): void {
  document.documentElement.dataset["covered"] = currentTexts().app.locking;
}

function uncover(): void {
  delete document.documentElement.dataset["covered"];
}
