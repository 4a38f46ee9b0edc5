// A line between devices and a server that can go bad: it ends TLS as a proxy does, and then holds requests back, or answers
// some of them itself. The server behind it speaks HTTP on this machine and makes links that lead here.

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { until } from "./wait.mjs";

const KEPT_MS = 60_000;
const PIECE = Buffer.alloc(1024 * 1024);

export class Line {
  #proxy;
  #server;
  /** Which requests wait, by their path; `undefined` while the line is good. */
  #held;
  #release;
  #released;
  #waiting = 0;
  /** Which requests get bytes without a meaning in place of their answer, and how many. */
  #flooded;

  async start(folder) {
    const { certificate, key } = selfSigned();
    this.certificate = join(folder, "line.pem");
    await writeFile(this.certificate, certificate);
    this.#proxy = createServer({ cert: certificate, key }, (asked, answer) => {
      // A connection that ends on one side ends on the other.
      this.#answer(asked, answer).catch(() => answer.destroy());
    });
    // Whoever asks again after a while does not find that the line has hung up.
    this.#proxy.keepAliveTimeout = KEPT_MS;
    this.#proxy.listen(0, "127.0.0.1");
    await once(this.#proxy, "listening");
    this.base = `https://127.0.0.1:${this.#proxy.address().port}`;
    return this;
  }

  /** What `wardbook serve` is told about it. */
  get flags() {
    return ["--plain-http", "--public-url", this.base, "--tls-cert", this.certificate];
  }

  leadsTo(server) {
    this.#server = new URL(`http://${server.listen}`);
  }

  /** From now on requests to such paths get no answer, until they are released. */
  hold(path) {
    this.#held = path;
    this.#released = new Promise((release) => {
      this.#release = release;
    });
  }

  /** Waits until there is a request that waits. */
  async holds() {
    await until("a request waits", () => this.#waiting > 0);
  }

  release() {
    this.#held = undefined;
    this.#release?.();
  }

  /** From now on requests to such paths are answered with so many bytes. */
  flood(path, bytes) {
    this.#flooded = { path, bytes };
  }

  ebb() {
    this.#flooded = undefined;
  }

  stop() {
    this.release();
    this.#proxy.closeAllConnections();
    this.#proxy.close();
  }

  async #answer(asked, answer) {
    if (this.#held?.test(asked.url)) await this.#wait();
    const { path, bytes } = this.#flooded ?? {};
    if (path?.test(asked.url)) return flood(asked, answer, bytes);
    const { hostname, port } = this.#server;
    const { method, url, headers } = asked;
    const passed = request({ hostname, port, method, path: url, headers, agent: false });
    const said = once(passed, "response");
    await Promise.all([pipeline(asked, passed), said]);
    const [given] = await said;
    answer.writeHead(given.statusCode, given.headers);
    answer.flushHeaders();
    await pipeline(given, answer);
  }

  async #wait() {
    this.#waiting += 1;
    await this.#released;
    this.#waiting -= 1;
  }
}

/** Without saying beforehand how much it will be. */
async function flood(asked, answer, bytes) {
  asked.resume();
  answer.writeHead(200, { "content-type": "application/cbor" });
  for (let sent = 0; sent < bytes; sent += PIECE.length) {
    if (!answer.write(PIECE)) await once(answer, "drain");
  }
  answer.end();
}

/** A certificate for this machine, signed with its own key, in PEM (RFC 5280, section 4.1). */
function selfSigned() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(0x30, oid("2a8648ce3d040302"));
  const name = der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from("line")))));
  const days = [new Date(Date.now() - 24 * 3600_000), new Date(Date.now() + 24 * 3600_000)].map(time);
  const address = der(0x30, oid("551d11"), der(0x04, der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])))));
  const signed = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    der(0x30, ...days),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, address)),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", signed, privateKey));
  const lines = der(0x30, signed, algorithm, signature).toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
}

function oid(hex) {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** UTCTime: the year has two digits. */
function time(date) {
  return der(0x17, Buffer.from(date.toISOString().slice(2).replace(/[-:T]|\.\d+/g, "")));
}

/** One value of DER: tag, length, content. */
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  // No longer than it has to be: 0x81 and 0x82 say how many bytes the length takes.
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
