// One tab at a time holds the vault: its files are open in one worker. A Web Lock says which tab that is, and ends with
// the tab however it ends; over a channel another tab asks for it.

const LOCK = "wardbook-vault";
/** What tabs say to one another. */
const RELEASE = "release";
const NOT_NOW = "not now";
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

/** The other tab has something on its screen that would be lost. */
export class NotNow extends Error {}

/**
 * Asks the other tab to close the vault, and takes it.
 *
 * Rejects with {@link NotNow} where the other tab says so, and with a `TimeoutError` where it does not let go: it may be one
 * that the browser has put to sleep.
 */
export async function takeVaultOver(): Promise<HeldVault> {
  const given = new AbortController();
  const channel = new BroadcastChannel(LOCK);
  channel.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data === NOT_NOW) given.abort(new NotNow());
  };
  const timer = setTimeout(() => given.abort(new DOMException("the other tab does not let go", "TimeoutError")), RELEASE_MS_MAX);
  try {
    channel.postMessage(RELEASE);
    const held = await request({ signal: given.signal });
    if (held === undefined) throw new DOMException("no lock was given", "TimeoutError");
    return held;
  } finally {
    clearTimeout(timer);
    channel.close();
  }
}

/** Calls back when another tab asks for the vault. With `false` that tab is told that this is no moment for it. */
export function whenAskedFor(close: () => boolean): () => void {
  const channel = new BroadcastChannel(LOCK);
  channel.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data === RELEASE && !close()) channel.postMessage(NOT_NOW);
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
