// Where a browser keeps the site key (`spec/slots.md`): wrapped by a key that the browser gives to nobody. A copy of the
// browser's files is as strong as the browser's own protection of that key; no script can read it, also none of ours.
//
//   wrapped site key = AES-256-GCM(key = non-extractable CryptoKey, nonce = 12 random bytes, plaintext = site key)

const DATABASE = "wardbook";
const STORE = "site-key";
const ROW = "this device";
const SITE_KEY_BYTES = 32;
const NONCE_BYTES = 12;

interface Wrapped {
  key: CryptoKey;
  nonce: Uint8Array<ArrayBuffer>;
  wrapped: ArrayBuffer;
}

/** Keeps a site key, in place of one that is there (BRW-01). The bytes given are not changed; wiping them is up to the caller. */
export async function keepSiteKey(siteKey: Uint8Array): Promise<void> {
  if (siteKey.length !== SITE_KEY_BYTES) throw new RangeError(`a site key has ${SITE_KEY_BYTES} bytes`);
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const wrapped = await wrap(siteKey, key, nonce);
  const row: Wrapped = { key, nonce, wrapped };
  await inStore("readwrite", (store) => store.put(row, ROW));
  // A store that takes a key and does not give it back is none.
  const kept = await findSiteKey();
  const same = kept?.every((byte, at) => byte === siteKey[at]) === true;
  kept?.fill(0);
  if (!same) throw new Error("this browser does not keep keys");
}

async function wrap(siteKey: Uint8Array, key: CryptoKey, nonce: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(siteKey);
  try {
    return await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, bytes);
  } finally {
    bytes.fill(0);
  }
}

/** The site key of this device; `undefined` where there is none, or where it does not open. */
export async function findSiteKey(): Promise<Uint8Array | undefined> {
  const row = await inStore<Wrapped | undefined>("readonly", (store) => store.get(ROW));
  if (row === undefined) return undefined;
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.nonce }, row.key, row.wrapped));
  } catch (error) {
    // The browser says no more than that it failed, and neither is there more to say: the caller reports a lost key.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

export async function forgetSiteKey(): Promise<void> {
  await inStore("readwrite", (store) => store.delete(ROW));
}

async function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      // With "strict" the browser answers when it is on the disk, and not before.
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser's storage refused"));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's storage does not open"));
  });
}
