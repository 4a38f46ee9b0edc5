import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin } from "vite";

/** What a clinic's slow line has to carry before anybody can unlock, packed. */
const FIRST_LOAD_BYTES_MAX = 1_000_000;
/** All scripts and styles, packed. */
const CODE_BYTES_MAX = 320_000;

const PAGE = "/index.html";
/** Beside the page and what it names: what the vault takes to start. */
const VAULT = [/^\/assets\/worker-[^/]+\.js$/, /^\/assets\/wardbook_wasm_bg-[^/]+\.wasm$/];
/** What the first screens say, in one language of these. Everything else comes after the first screen. */
const TEXTS = /^\/assets\/first-[^/]+\.js$/;

/** What packing makes smaller; the server's `KINDS` say the same. */
const PACKS = /\.(?:html|js|css|wasm|json|webmanifest|svg|txt)$/;
/** The server answers with `x.br` in place of `x` (`crates/server/build.rs`). */
const PACKED = ".br";

/** Where the server says what pages and workers of the app may do, and the constant that it sends as Content-Security-Policy. */
const SERVER = "../crates/server/src/http/app.rs";
const POLICY = /^const POLICY: &str = concat!\(\n(.*?)^\);/ms;
/** The same policy as a file of the build: so the name of the build covers it, and people can compare it with the header. */
const POLICY_FILE = "policy.txt";

/** Stands in `src/sw/sw.ts` for the list of files, which is known only after they are written. */
const LIST = "__SHELL__";

/**
 * Works on the files as they lie on disk after the build, so that every hash is of the bytes that are served:
 *
 * 1. `index.html` gets `integrity` attributes for its scripts and styles;
 * 2. `policy.txt` gets the Content-Security-Policy that the server of this source sends with them;
 * 3. `sw.js` gets the list of all files with their hashes, and the hash of that list, which names the build;
 * 4. `version.json` gets the version, the name of the build and the SHA-256 of every file, for people who compare;
 * 5. beside every file that packing makes smaller comes the same packed, which is no file of its own to anybody.
 */
export function sealShell(version: string): Plugin {
  let folder = "";
  let server = "";
  return {
    name: "wardbook-seal-shell",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      server = join(config.root, SERVER);
    },
    writeBundle: {
      sequential: true,
      order: "post",
      handler() {
        addIntegrity(folder);
        writeFileSync(join(folder, POLICY_FILE), policyIn(readFileSync(server, "utf8")));
        const files = listed(folder).filter((path) => path !== "/sw.js" && path !== "/version.json");
        const hashes = Object.fromEntries(files.map((path) => [path, hash("sha256", read(folder, path), "base64")]));
        const build = hash("sha256", Buffer.from(files.map((path) => `${hashes[path]} ${path}\n`).join("")), "hex");
        fillServiceWorker(folder, JSON.stringify({ version, build, files: hashes }));
        writeVersion(folder, version, build);
        const sizes = pack(folder);
        const [first, code, all] = [firstLoad(folder, sizes), sum(sizes, (path) => /\.(?:js|css)$/.test(path)), sum(sizes)];
        this.info(`packed: ${first} bytes before the first screen; ${all} in all, ${code} of them scripts and styles`);
        if (first > FIRST_LOAD_BYTES_MAX) this.warn(`${FIRST_LOAD_BYTES_MAX} bytes are the limit before the first screen`);
        if (code > CODE_BYTES_MAX) this.warn(`${CODE_BYTES_MAX} bytes of scripts and styles are the limit`);
      },
    },
  };
}

function addIntegrity(folder: string): void {
  const page = join(folder, "index.html");
  const tag = /<(?:script|link)\b[^>]*?\s(?:src|href)="(\/assets\/[^"]+)"/g;
  const sealed = readFileSync(page, "utf8").replace(
    tag,
    (found, path: string) => `${found} integrity="sha384-${hash("sha384", read(folder, path), "base64")}"`,
  );
  writeFileSync(page, sealed);
}

/** The strings of the constant, one after the other; its comments have no quotation marks. */
function policyIn(source: string): string {
  const [, lines] = POLICY.exec(source) ?? [];
  if (lines === undefined) throw new Error(`${SERVER} has no constant POLICY`);
  return Array.from(lines.matchAll(/"([^"]*)"/g), ([, text]) => text).join("");
}

function fillServiceWorker(folder: string, list: string): void {
  const path = join(folder, "sw.js");
  const parts = readFileSync(path, "utf8").split(LIST);
  if (parts.length !== 2) throw new Error(`sw.js names ${LIST} ${parts.length - 1} times and has to name it once`);
  writeFileSync(path, parts.join(list));
}

function writeVersion(folder: string, version: string, build: string): void {
  const files = listed(folder).filter((path) => path !== "/version.json");
  const hashes = Object.fromEntries(files.map((path) => [path, hash("sha256", read(folder, path), "hex")]));
  writeFileSync(join(folder, "version.json"), `${JSON.stringify({ version, build, files: hashes }, null, 2)}\n`);
}

/** Packs every file; gives the bytes that each costs on the way. */
function pack(folder: string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const path of listed(folder)) {
    const bytes = read(folder, path);
    const packed = PACKS.test(path) ? brotli(bytes) : bytes;
    if (packed.length < bytes.length) writeFileSync(join(folder, path + PACKED), packed);
    sizes.set(path, Math.min(packed.length, bytes.length));
  }
  return sizes;
}

function brotli(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      // The largest of RFC 7932, and so of browsers; the still larger windows of some programs are not theirs.
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

function firstLoad(folder: string, sizes: ReadonlyMap<string, number>): number {
  const page = read(folder, PAGE).toString();
  const named = new Set(Array.from(page.matchAll(/\s(?:src|href)="(\/assets\/[^"]+)"/g), ([, path]) => path));
  for (const pattern of [...VAULT, TEXTS]) {
    if (![...sizes.keys()].some((path) => pattern.test(path))) throw new Error(`no file is named like ${pattern}: is the vault there?`);
  }
  const texts = [...sizes].filter(([path]) => TEXTS.test(path)).map(([, bytes]) => bytes);
  return sum(sizes, (path) => path === PAGE || named.has(path) || VAULT.some((pattern) => pattern.test(path))) + Math.max(...texts);
}

function sum(sizes: ReadonlyMap<string, number>, counts: (path: string) => boolean = () => true): number {
  return [...sizes].filter(([path]) => counts(path)).reduce((total, [, bytes]) => total + bytes, 0);
}

/** Paths below the folder as a browser asks for them, in one order on every machine; not what is packed beside them. */
function listed(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(PACKED))
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/")}`)
    .sort();
}

function read(folder: string, path: string): Buffer {
  return readFileSync(join(folder, path));
}

function hash(algorithm: "sha256" | "sha384", bytes: Buffer, form: "hex" | "base64"): string {
  return createHash(algorithm).update(bytes).digest(form);
}
