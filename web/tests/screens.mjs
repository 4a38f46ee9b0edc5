// Pictures of every screen, for the documentation:
//
//   node tests/screens.mjs [FOLDER]        docs/screens if no folder is given
//
// Each is named after its screen and size: patients-tablet-portrait.jpg.

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BEN } from "./support/cli.mjs";
import { de, en } from "./support/texts.mjs";
import { insideStops, lockedStops, outsideStops, prepared } from "./support/tour.mjs";
import { World } from "./support/world.mjs";

const SIZES = {
  "tablet-portrait": { width: 820, height: 1180 },
  "tablet-landscape": { width: 1180, height: 820 },
  desktop: { width: 1440, height: 900 },
};
const IN_THE_DARK = ["unlock", "patients", "chart-summary", "chart-vitals", "write-vitals", "conflict", "exchange", "settings"];
const IN_GERMAN = ["welcome", "unlock", "patients", "chart-summary", "chart-vitals", "write-note", "tasks", "admin-members", "handover"];

const out = resolve(process.argv[2] ?? fileURLToPath(new URL("../../docs/screens/", import.meta.url)));
await mkdir(out, { recursive: true });
await tour({ texts: en, locale: "en-GB" }, everySize);
await tour({ texts: de, locale: "de-DE" }, german);

/** Goes through all screens of a clinic of its own. */
async function tour({ texts, locale }, take) {
  const world = new World();
  try {
    const clinic = await prepared(world);
    const tablet = await world.tablet("tablet", { server: clinic.server, locale, reducedMotion: "reduce" });
    const app = await tablet.start();
    app.texts = texts;
    await takeEach(app, outsideStops(app), take);
    await app.enrol(await clinic.invite(), BEN, "tablet");
    await takeEach(app, insideStops(app), take);
    await app.lock();
    await takeEach(app, lockedStops(app), take);
  } finally {
    await world.end();
  }
}

async function takeEach(app, stops, take) {
  for await (const name of stops) {
    console.error(name);
    await take(app.page, name);
  }
}

async function everySize(page, name) {
  for (const size of Object.keys(SIZES)) await picture(page, size, `${name}-${size}`);
  if (!IN_THE_DARK.includes(name)) return;
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "tablet-landscape", `${name}-dark-tablet-landscape`);
  await page.emulateMedia({ colorScheme: null });
}

async function german(page, name) {
  if (IN_GERMAN.includes(name)) await picture(page, "tablet-portrait", `${name}-german-tablet-portrait`);
}

async function picture(page, size, name) {
  await page.setViewportSize(SIZES[size]);
  // Graphs are drawn anew after their place has another size.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await page.screenshot({ path: join(out, `${name}.jpg`), type: "jpeg", quality: 70 });
}
