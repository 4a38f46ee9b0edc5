// One tab at a time holds the vault: its files are open in one worker. A Web Lock says which tab that is, and ends with
// the tab however it ends; over a channel another tab asks for it.

const LOCK = "wardbook-vault";
/** How long a tab may take to seal what is being written and to close the vault. */
const RELEASE_MS_MAX = 10_000;

/** Being the tab that has the vault. */
export interface HeldVault {
  /** Lets another tab have it. */
  release(): void;
}

/** Takes the vault for this tab, or says with `undefined` that another one has it (BRW-06). */
export function takeVault(): Promise<HeldVault | undefined> {
  return request({ ifAvailable: true });
}

/**
 * Asks the other tab to close the vault, and takes it.
 *
 * Rejects with a `TimeoutError` where the other tab does not let go: it may be one that the browser has put to sleep.
 */
export async function takeVaultOver(): Promise<HeldVault> {
  const channel = new BroadcastChannel(LOCK);
  channel.postMessage("release");
  channel.close();
  const held = await request({ signal: AbortSignal.timeout(RELEASE_MS_MAX) });
  if (held === undefined) throw new DOMException("no lock was given", "TimeoutError");
  return held;
}

/** Calls back when another tab asks for the vault. */
export function whenAskedFor(close: () => void): () => void {
  const channel = new BroadcastChannel(LOCK);
  channel.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data === "release") close();
  };
  return () => channel.close();
}

function request(options: LockOptions): Promise<HeldVault | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(LOCK, options, (lock) => {
        if (lock === null) {
          resolve(undefined);
          return undefined;
        }
        // The lock is held until this promise is fulfilled.
        return new Promise<void>((release) => resolve({ release }));
      })
      .catch(reject);
  });
}
