// Pictures of every screen, for the documentation, with a page that shows them:
//
//   node tests/screens.mjs [FOLDER]        docs/screens if no folder is given
//
// Each is named after its place in the tour, its screen, how it differs and its size: 18-chart-vitals-dark-tablet-landscape.jpg.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { resize } from "./support/measure.mjs";
import { de, en } from "./support/texts.mjs";
import { everyStop, prepared } from "./support/tour.mjs";
import { World } from "./support/world.mjs";

const SIZES = {
  "tablet-portrait": { width: 820, height: 1180 },
  "tablet-landscape": { width: 1180, height: 820 },
  desktop: { width: 1440, height: 900 },
};
/** A window above a screen looks the same on all of them. */
const OF_WINDOWS = ["tablet-landscape"];
const IN_THE_DARK = ["unlock", "patients", "chart-summary", "chart-vitals", "write-vitals", "conflict", "exchange", "settings"];
const IN_GERMAN = ["welcome", "unlock", "patients", "chart-summary", "chart-vitals", "write-note", "tasks", "admin-members", "handover"];

/** Where a picture is larger than the limit at one of these, the next is tried. */
const QUALITIES = [70, 55, 40];
const PICTURE_BYTES_MAX = 40_000;
const ALL_BYTES_MAX = 7_000_000;
const INDEX = "README.md";
const PICTURE = /^\d\d-[a-z-]+\.jpg$/;

const out = resolve(process.argv[2] ?? fileURLToPath(new URL("../../docs/screens/", import.meta.url)));
await mkdir(out, { recursive: true });
for (const name of await readdir(out)) if (PICTURE.test(name)) await rm(join(out, name));

/** By screen, in the order of the tour: what its pictures are called. */
const taken = new Map();
let bytesOfAll = 0;
await tour({ texts: en, locale: "en-GB" }, inEnglish);
await tour({ texts: de, locale: "de-DE" }, inGerman);
await writeFile(join(out, INDEX), index());
console.error(`${bytesOfAll} bytes of pictures in ${out}`);
if (bytesOfAll > ALL_BYTES_MAX) throw new Error(`${ALL_BYTES_MAX} bytes are the limit for all pictures`);

/** Goes through all screens of a clinic of its own. */
async function tour({ texts, locale }, take) {
  const world = new World();
  try {
    const clinic = await prepared(world);
    const tablet = await world.tablet("tablet", { server: clinic.server, locale, reducedMotion: "reduce" });
    const app = await tablet.start();
    app.texts = texts;
    let number = 0;
    for await (const name of everyStop(app, clinic.invite)) {
      number += 1;
      console.error(name);
      const usual = app.page.viewportSize();
      await take(app.page, { name, file: `${String(number).padStart(2, "0")}-${name}` });
      await resize(app.page, usual);
    }
  } finally {
    await world.end();
  }
}

async function inEnglish(page, { name, file }) {
  const isWindow = (await page.locator("[role=dialog], [role=alertdialog]").count()) > 0;
  for (const size of isWindow ? OF_WINDOWS : Object.keys(SIZES)) await picture(page, name, file, size);
  if (!IN_THE_DARK.includes(name)) return;
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, name, `${file}-dark`, "tablet-landscape");
  await page.emulateMedia({ colorScheme: null });
}

async function inGerman(page, { name, file }) {
  if (IN_GERMAN.includes(name)) await picture(page, name, `${file}-german`, "tablet-portrait");
}

async function picture(page, name, file, size) {
  await resize(page, SIZES[size]);
  let bytes;
  for (const quality of QUALITIES) {
    bytes = await page.screenshot({ type: "jpeg", quality });
    if (bytes.length <= PICTURE_BYTES_MAX) break;
  }
  bytesOfAll += bytes.length;
  const path = `${file}-${size}.jpg`;
  await writeFile(join(out, path), bytes);
  // What is left of it without its number and its screen.
  const what = path.slice("00-".length + name.length + 1, -".jpg".length).replaceAll("-", " ");
  taken.set(name, [...(taken.get(name) ?? []), { path, what }]);
}

function index() {
  const parts = [...taken].map(([name, pictures]) => {
    const shown = pictures.find(({ what }) => what === "tablet landscape") ?? pictures[0];
    const links = pictures.map(({ path, what }) => `[${what}](${path})`).join(" · ");
    return `## ${titleOf(name)}\n\n![${titleOf(name)}](${shown.path})\n\n${links}\n`;
  });
  const lead = "Every screen and window of the web app, as `node tests/screens.mjs` in `web/` takes them. The people in them are made up.";
  return `# Screens\n\n${lead}\n\n${parts.join("\n")}`;
}

function titleOf(name) {
  const words = name.replaceAll("-", " ");
  return words[0].toUpperCase() + words.slice(1);
}
