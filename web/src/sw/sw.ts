// Keeps the whole shell on this device, so that the app starts without a network, and always starts as a whole: every
// file is of one build and was checked against its hash. Records and answers of the server are never kept here.

/** One build: `files` maps the path of each file to the SHA-256 of its bytes, in base64. */
interface Shell {
  version: string;
  build: string;
  files: Record<string, string>;
}

/** The build puts the list here; see `build/sealShell.ts`. */
declare const __SHELL__: Shell;

const worker = self as unknown as ServiceWorkerGlobalScope;
const shell = __SHELL__;
const PREFIX = "wardbook-shell-";
const cacheName = PREFIX + shell.build;

worker.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOtherBuilds().then(() => worker.clients.claim()));
});

worker.addEventListener("message", (event) => {
  // A new build takes over only when the app says that nobody is writing anything.
  if (event.data === "activate") event.waitUntil(worker.skipWaiting());
  if (event.data === "which build") event.ports[0]?.postMessage({ version: shell.version, build: shell.build });
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && !isOfServer(url.pathname)) {
    event.respondWith(fromShell("/index.html"));
  } else if (url.pathname in shell.files) {
    event.respondWith(fromShell(url.pathname));
  }
});

/** What the server says is for the network alone; `version.json` is asked for to learn what the server has. */
function isOfServer(path: string): boolean {
  return /^\/(?:v1\/|healthz|readyz|metrics|openapi\.json|version\.json)/.test(path);
}

/** BRW-03: all files of the list, each with its hash, or none. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(cacheName);
  const files = Object.entries(shell.files);
  await Promise.all(
    files.map(async ([path, hash]) => {
      // The browser refuses an answer that does not have this hash, and with it the whole build.
      const request = new Request(path, { integrity: `sha256-${hash}`, cache: "no-cache", credentials: "omit" });
      const answer = await fetch(request);
      if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
      await cache.put(path, answer);
    }),
  );
}

async function dropOtherBuilds(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== cacheName).map((name) => caches.delete(name)));
}

async function fromShell(path: string): Promise<Response> {
  const cache = await caches.open(cacheName);
  // A file that the browser has dropped from its cache is fetched again, and has to be the same.
  const kept = await cache.match(path);
  return kept ?? fetch(new Request(path, { integrity: `sha256-${shell.files[path] ?? ""}`, credentials: "omit" }));
}
