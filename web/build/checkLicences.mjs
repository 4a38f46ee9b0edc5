// What every package is licensed under that the app is made of, built with or tested with. Fails with a line for each one that
// is under anything else than what is allowed here; `deny.toml` says the same of crates.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** SPDX. With each of them the app may be passed on under its own licences. */
const ALLOWED = [
  "0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MPL-2.0", "Unlicense",
];

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { packages } = JSON.parse(readFileSync(join(web, "package-lock.json"), "utf8"));
const failures = Object.entries(packages).flatMap(([path, locked]) => (path === "" ? [] : faultOf(path, locked)));
if (failures.length > 0) {
  console.error(failures.join("\n"));
  process.exit(1);
}

function faultOf(path, locked) {
  const installed = manifestIn(path);
  // What is for other machines is not installed on this one: of that the lock file has to be believed.
  if (installed === undefined && locked.optional !== true) return [`${path}: not installed, run npm ci`];
  const licence = licenceOf(installed ?? locked);
  return isAllowed(licence) ? [] : [`${path}: ${licence === "" ? "says no licence" : `is under ${licence}`}`];
}

function manifestIn(path) {
  try {
    return JSON.parse(readFileSync(join(web, path, "package.json"), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** An SPDX expression; old packages have an object, or a list of those to choose from. */
function licenceOf({ license, licenses }) {
  const nameOf = (one) => (typeof one === "string" ? one : (one?.type ?? ""));
  return Array.isArray(licenses) ? licenses.map(nameOf).join(" OR ") : nameOf(license);
}

/** One of several, or all of several. One with both in it is for a person to look at. */
function isAllowed(expression) {
  const text = expression.replace(/^\((.*)\)$/, "$1");
  const isListed = (name) => ALLOWED.includes(name.trim());
  if (text.includes(" AND ")) return !text.includes(" OR ") && text.split(" AND ").every(isListed);
  return text.split(" OR ").some(isListed);
}
