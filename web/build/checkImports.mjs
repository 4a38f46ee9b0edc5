// Who may import what. Fails with a line for each import that crosses a border drawn in README.md.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const src = resolve(dirname(fileURLToPath(import.meta.url)), "../src");

/** What each part may import from the parts beside it. A screen's own folder is always allowed. */
const ALLOWED = {
  app: ["app", "screens", "security", "texts", "ui", "vault"],
  screens: ["app/vaultStore", "app/editing", "app/sync", "app/preferences", "app/build", "app/files", "app/locking", "app/Leads", "security", "texts", "ui", "vault"],
  security: ["security"],
  sw: [],
  texts: ["texts"],
  ui: ["ui", "texts", "security"],
  vault: ["vault", "security"],
};
/** Packages that one part wraps for all others. */
const WRAPPED = { "react-aria-components": "ui", comlink: "vault", dompurify: "security", uqr: "ui" };

/** Modules that the browser build of the crates writes. */
const BUILT = ["vault/pkg/", "vault/strength/"];

const failures = [];
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  const path = relative(src, file).split(sep).join("/");
  if (isBuilt(path)) continue;
  const text = readFileSync(file, "utf8");
  if (text.split("\n").length > 400) failures.push(`src/${path}: more than 400 lines`);
  for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) check(path, file, name);
}
if (failures.length > 0) {
  console.error(failures.join("\n"));
  process.exit(1);
}

function check(path, file, name) {
  const part = path.includes("/") ? path.split("/")[0] : "app";
  if (!name.startsWith(".")) {
    const owner = WRAPPED[name];
    if (owner !== undefined && owner !== part) failures.push(`src/${path}: only src/${owner} imports ${name}`);
    return;
  }
  const target = relative(src, resolve(dirname(file), name)).split(sep).join("/");
  if (isBuilt(target) && part !== "vault") failures.push(`src/${path}: only src/vault imports what the crates are built into`);
  if (target.startsWith("styles/") || part === undefined) return;
  const area = path.split("/").slice(0, 2).join("/");
  if (part === "screens" && target.startsWith(`${area}/`)) return;
  const allowed = ALLOWED[part] ?? [];
  if (!allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`) || target.startsWith(`${prefix}.`))) {
    failures.push(`src/${path}: src/${part} may not import src/${target}`);
  }
}

function isBuilt(path) {
  return BUILT.some((folder) => path.startsWith(folder));
}
