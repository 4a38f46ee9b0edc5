// A server in a process of its own: the real program, on a folder of the test and a port that it keeps.

import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BINARY, CLOCK_OFFSET } from "./cli.mjs";
import { until } from "./wait.mjs";

/** Processes that run; none outlives the tests. */
const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

export class Server {
  #child;

  /** `listen`: where it was reached before; otherwise it takes a free port. `line`: what it is reached by, see `line.mjs`. */
  constructor(folder, { listen = "127.0.0.1:0", line } = {}) {
    this.folder = folder;
    this.data = join(folder, "server");
    this.listen = listen;
    this.line = line;
  }

  /** Starts it, or starts it again on the same folder and port, with a clock that may be ahead (debug builds). */
  async start({ hoursAhead = 0 } = {}) {
    await access(BINARY);
    // Another program may have the port for a moment.
    const started = await until("the server starts", () => this.#tryToStart(hoursAhead));
    this.listen = started.listening[0];
    this.base = started.address;
    this.link = started.link;
    this.line?.leadsTo(this);
    this.spki = await this.#fingerprint();
    return this;
  }

  /** Ends it as an operator does. */
  async stop() {
    await this.#end("SIGTERM");
  }

  /** Ends it as a power cut does. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Lets it answer nobody, as one at the end of a line that has gone bad: connections are made, and nothing comes. */
  pause() {
    this.#child.kill("SIGSTOP");
  }

  resume() {
    this.#child.kill("SIGCONT");
  }

  /** What it says once it listens; nothing where it does not. */
  async #tryToStart(hoursAhead) {
    const args = ["serve", "--json", "--data", this.data, "--listen", this.listen, ...(this.line?.flags ?? [])];
    const env = { ...process.env, TZ: "UTC", [CLOCK_OFFSET]: String(hoursAhead * 3600) };
    const child = spawn(BINARY, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.pipe(createWriteStream(join(this.folder, "server.log"), { flags: "a" }));
    const lines = createInterface({ input: child.stdout });
    const line = new Promise((resolve) => lines.once("line", resolve));
    const said = await Promise.race([line, once(child, "close").then(() => undefined)]);
    if (said === undefined) return undefined;
    running.add(child);
    child.once("close", () => running.delete(child));
    this.#child = child;
    return JSON.parse(said);
  }

  async #end(signal) {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    await closed;
  }

  /**
   * What a browser of the tests is told to trust: the certificate of the line, or the server's own authority, which is in the
   * chain that it shows and outlives its certificates. SHA-256 of the SubjectPublicKeyInfo, in base64.
   */
  async #fingerprint() {
    const authority = new X509Certificate(await readFile(this.line?.certificate ?? join(this.data, "tls", "ca.pem")));
    const spki = authority.publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(spki).digest("base64");
  }
}
