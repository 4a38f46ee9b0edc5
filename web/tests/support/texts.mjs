// The words of the screens, as the app itself has them: tests find things by what a person reads. The catalogues are
// TypeScript, which Vite reads here as it does for the build.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const web = fileURLToPath(new URL("../../", import.meta.url));

export const en = await catalogue("en");
export const de = await catalogue("de");

/** What stands for a value in a text; no text of the catalogue has it. */
const VALUE = "\u0001";
/** Texts have other words for none and for one. */
const VALUES = [VALUE, 1, 0];

/** A pattern for a whole text, with anything in the place of its values. */
export function wording(text) {
  return new RegExp(`^(?:${source(text)})$`);
}

/** A pattern for a text that stands among others. */
export function words(text) {
  return new RegExp(source(text));
}

/** A pattern for what begins with a text, such as a link with a count behind it. */
export function beginning(text) {
  return new RegExp(`^(?:${source(text)})`);
}

/** A pattern for what ends with a text: a list to choose from is called by what is chosen, then by its label. */
export function ending(text) {
  return new RegExp(`(?:${source(text)})$`);
}

function source(text) {
  const forms = typeof text === "function" ? combinations(text.length).map((values) => text(...values)) : [text];
  return [...new Set(forms)].map((form) => escaped(form).replaceAll(VALUE, ".+")).join("|");
}

function combinations(count) {
  if (count === 0) return [[]];
  return combinations(count - 1).flatMap((before) => VALUES.map((value) => [...before, value]));
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

async function catalogue(language) {
  const path = join(web, "src/texts", `${language}.ts`);
  const { module } = await runnerImport(path, { root: web, logLevel: "error" });
  return module[language];
}
