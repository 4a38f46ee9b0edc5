// A server between the browser and the real one that can have another build of the app: the same files, of which one is
// another, with every list of hashes to match. It speaks HTTP on this machine, which browsers take for a secure origin.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { get } from "./http.mjs";

/** The file that the new build has another of. */
const CHANGED = "/icon.svg";
const NEW_VERSION = "9.9.9";
/** As `build/sealShell.ts` puts it into the service worker. */
const LIST = /\{"version":"[^"]*","build":"[0-9a-f]{64}","files":\{[^}]*\}\}/;

export class Builds {
  #server;
  /** The changed file as the lists of the new build have it; absent while there is no new build. */
  #listed;
  #served;

  /** Passes on what the server at `base` answers. */
  async start(base) {
    this.#server = createServer((request, response) => {
      this.#answer(base, request).then(
        ({ status, headers, body }) => response.writeHead(status, headers).end(body),
        (error) => response.writeHead(502).end(String(error)),
      );
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.base = `http://127.0.0.1:${this.#server.address().port}`;
    this.old = await buildAt(base);
    return this;
  }

  /** From now on it has the new build; gives what that is called. `altered`: its bytes are not those of its list. */
  async change({ altered = false } = {}) {
    const { body } = await get(`${this.old.base}${CHANGED}`);
    this.#listed = Buffer.concat([body, Buffer.from("<!-- new -->\n")]);
    this.#served = altered ? Buffer.concat([this.#listed, Buffer.from("<!-- altered on the way -->\n")]) : this.#listed;
    return shellOf(await this.#serviceWorker());
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(base, { url, method }) {
    const { status, headers, body } = await get(`${base}${url}`);
    const passed = { ...headers };
    for (const name of ["content-length", "transfer-encoding", "connection", "date", "etag"]) delete passed[name];
    if (method !== "GET" || this.#listed === undefined) return { status, headers: passed, body };
    if (url === CHANGED) return { status, headers: passed, body: this.#served };
    if (url === "/sw.js") return { status, headers: passed, body: await this.#serviceWorker() };
    if (url === "/version.json") return { status, headers: passed, body: await this.#versionFile(body) };
    return { status, headers: passed, body };
  }

  async #serviceWorker() {
    const text = (await get(`${this.old.base}/sw.js`)).body.toString();
    const { files } = shellOf(text);
    const hashes = { ...files, [CHANGED]: sha256(this.#listed, "base64") };
    const lines = Object.entries(hashes).map(([path, hash]) => `${hash} ${path}\n`);
    const shell = { version: NEW_VERSION, build: sha256(Buffer.from(lines.join("")), "hex"), files: hashes };
    // A function, for a hash may have what a replacement would take for a pattern.
    return text.replace(LIST, () => JSON.stringify(shell));
  }

  async #versionFile(body) {
    const worker = await this.#serviceWorker();
    const { version, build } = shellOf(worker);
    const { files } = JSON.parse(body);
    const hashes = { ...files, [CHANGED]: sha256(this.#listed, "hex"), "/sw.js": sha256(Buffer.from(worker), "hex") };
    return JSON.stringify({ version, build, files: hashes });
  }
}

async function buildAt(base) {
  return { base, ...shellOf((await get(`${base}/sw.js`)).body.toString()) };
}

function shellOf(worker) {
  const [list] = LIST.exec(worker.toString()) ?? [];
  if (list === undefined) throw new Error("sw.js has no list of files");
  return JSON.parse(list);
}

function sha256(bytes, form) {
  return createHash("sha256").update(bytes).digest(form);
}
