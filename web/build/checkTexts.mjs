// What is shown before anybody has unlocked says nothing but the first part of the catalogue: the rest is not loaded then, and
// no type says so. Fails with a line for each section that is used too early.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const src = resolve(dirname(fileURLToPath(import.meta.url)), "../src");

/** What the first screens are made of. */
const EARLY = ["app", "screens/entry", "ui"];
/** Of what was called for there, or of what is given a name by `CALLED`. */
const USES = [/(?:useTexts|currentTexts)\(\)\.(\w+)/g, /\{([\w\s,]+)\} = (?:useTexts|currentTexts)\(\)(?!\.)/g, /\{([\w\s,]+)\}: Texts\b/g];
const CALLED = /const (\w+) = (?:useTexts|currentTexts)\(\);/g;

const [, sections] = /export const first = \{([^}]+)\}/.exec(readFileSync(join(src, "texts/en/first.ts"), "utf8")) ?? [];
if (sections === undefined) throw new Error("src/texts/en/first.ts does not say which sections come first");
const first = new Set(namesIn(sections));

const failures = EARLY.flatMap((folder) => filesIn(join(src, folder))).flatMap((file) => {
  const text = readFileSync(file, "utf8");
  const called = [...text.matchAll(CALLED)].flatMap(([, name]) => [new RegExp(`(?<![.\\w])${name}\\.(\\w+)`, "g"), new RegExp(`\\{([\\w\\s,]+)\\} = ${name};`, "g")]);
  const used = [...USES, ...called].flatMap((pattern) => [...text.matchAll(pattern)]).flatMap(([, names]) => namesIn(names));
  const path = relative(src, file).split(sep).join("/");
  return used.filter((name) => !first.has(name)).map((name) => `src/${path}: texts of "${name}" are not there before anybody has unlocked`);
});
if (failures.length > 0) {
  console.error(failures.join("\n"));
  process.exit(1);
}

function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
}

function namesIn(list) {
  return list.split(",").map((name) => name.trim()).filter((name) => name !== "");
}
