import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What a clinic's slow line has to carry before anybody can unlock, compressed. */
const FIRST_LOAD_BYTES_MAX = 1_000_000;
const CODE_BYTES_MAX = 250_000;

/** Stands in `src/sw/sw.ts` for the list of files, which is known only after they are written. */
const LIST = "__SHELL__";

/**
 * Works on the files as they lie on disk after the build, so that every hash is of the bytes that are served:
 *
 * 1. `index.html` gets `integrity` attributes for its scripts and styles;
 * 2. `sw.js` gets the list of all files with their hashes, and the hash of that list, which names the build;
 * 3. `version.json` gets the version, the name of the build and the SHA-256 of every file, for people who compare.
 */
export function sealShell(version: string): Plugin {
  let folder = "";
  return {
    name: "wardbook-seal-shell",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    writeBundle: {
      sequential: true,
      order: "post",
      handler() {
        addIntegrity(folder);
        const files = listed(folder).filter((path) => path !== "/sw.js" && path !== "/version.json");
        const hashes = Object.fromEntries(files.map((path) => [path, hash("sha256", read(folder, path), "base64")]));
        const build = hash("sha256", Buffer.from(files.map((path) => `${hashes[path]} ${path}\n`).join("")), "hex");
        fillServiceWorker(folder, JSON.stringify({ version, build, files: hashes }));
        writeVersion(folder, version, build);
        for (const warning of overBudget(folder)) this.warn(warning);
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

function overBudget(folder: string): string[] {
  const sizes = listed(folder).map((path) => ({ path, bytes: gzipSync(read(folder, path)).length }));
  const sum = (pattern: RegExp) =>
    sizes.filter(({ path }) => pattern.test(path)).reduce((total, { bytes }) => total + bytes, 0);
  const [all, code] = [sum(/./), sum(/\.(js|css)$/)];
  const warnings = [];
  if (all > FIRST_LOAD_BYTES_MAX) warnings.push(`the shell has ${all} compressed bytes; ${FIRST_LOAD_BYTES_MAX} are the limit`);
  if (code > CODE_BYTES_MAX) warnings.push(`scripts and styles have ${code} compressed bytes; ${CODE_BYTES_MAX} are the limit`);
  return warnings;
}

/** Paths below the folder as a browser asks for them, in one order on every machine. */
function listed(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/")}`)
    .sort();
}

function read(folder: string, path: string): Buffer {
  return readFileSync(join(folder, path));
}

function hash(algorithm: "sha256" | "sha384", bytes: Buffer, form: "hex" | "base64"): string {
  return createHash(algorithm).update(bytes).digest(form);
}
