// For everybody: screen readers, the keyboard alone, fingers, light and dark, both languages.

import { strict as assert } from "node:assert";
import axe from "axe-core";
import { BEN } from "./support/cli.mjs";
import { JOAO } from "./support/data.mjs";
import { beyondTheEdge, drawn, focusIsSeen, resize, smallTargets } from "./support/measure.mjs";
import { de, en } from "./support/texts.mjs";
import { everyStop, prepared } from "./support/tour.mjs";
import { until } from "./support/wait.mjs";
import { scenario } from "./support/world.mjs";

const { app: shell, chart, patients, unlock, write } = en;
/** Everything on a page, and then some: whoever presses Tab this often has gone round. */
const TABS_MAX = 120;
const TOUR_MS_MAX = 30 * 60_000;

/** A tablet held upright: there is the least room for what fingers press. */
const UPRIGHT = { width: 820, height: 1180 };
/** A page of 1280 pixels, enlarged to four times its size, has 320 left (WCAG 2.2, 1.4.10). */
const NARROW = [{ width: 360, height: 740 }, { width: 320, height: 640 }];

for (const [language, texts, locale] of [["English", en, "en-GB"], ["German", de, "de-DE"]]) {
  scenario(`every screen and window can be read, pressed and enlarged by everybody: ${language}`, async (world) => {
    const clinic = await prepared(world);
    const tablet = await world.tablet("tablet", { server: clinic.server, locale, hasTouch: true, reducedMotion: "reduce" });
    const app = await tablet.start();
    app.texts = texts;
    const found = [];
    for await (const name of everyStop(app, clinic.invite)) {
      found.push(...(await faultsOf(app.page)).map((fault) => `${name}: ${fault}`));
    }
    assert.deepEqual(found, []);
  }, { timeout: TOUR_MS_MAX });
}

scenario("from unlocking to a saved record and back to the lock with the keyboard alone", async (world) => {
  const { app } = await world.ward();
  const { keyboard } = app.page;
  await app.open();
  await app.isLocked();
  await tabTo(app, app.field(unlock.user));
  await keyboard.type(BEN.user);
  await tabTo(app, app.field(unlock.password));
  await keyboard.type(BEN.password);
  await keyboard.press("Enter");
  await app.isOpen();

  await tabTo(app, app.field(patients.searchLabel));
  await keyboard.type("Ferreira");
  await app.line(JOAO).waitFor();
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await app.heading(JOAO).waitFor();

  const add = app.button(write.add);
  await tabTo(app, add);
  await keyboard.press("Enter");
  const entry = app.page.getByRole("menuitem", { name: write.addVitals, exact: true });
  await goDownTo(app, entry);
  await keyboard.press("Enter");
  const form = app.dialog(write.titleNew(write.kinds.vitals));
  await tabTo(app, app.field(write.vitals.heartRate, form));
  await keyboard.type("72");
  await keyboard.press("Enter");
  await app.heading(write.savedTitle, form).waitFor();
  await keyboard.press("Escape");
  await form.waitFor({ state: "hidden" });
  assert.equal(await hasKeyboard(add), true, "the keyboard is where it was before the window");

  const tab = app.page.getByRole("tab", { name: chart.tabs.summary, exact: true });
  await tabTo(app, tab);
  await keyboard.press("ArrowRight");
  await keyboard.press("Enter");
  const graph = app.page.getByRole("slider").first();
  await tabTo(app, graph);
  const before = await graph.getAttribute("aria-valuetext");
  await keyboard.press("ArrowLeft");
  assert.notEqual(await graph.getAttribute("aria-valuetext"), before);

  await tabTo(app, app.button(shell.lock));
  await keyboard.press("Enter");
  await app.isLocked();
}, { timeout: 10 * 60_000 });

scenario("a window keeps the keyboard until it is closed, and Escape closes it", async (world) => {
  const { app } = await world.ward();
  const form = await app.beginPatient({ family: "Kept" });
  for (let press = 0; press < TABS_MAX; press += 1) {
    await app.page.keyboard.press("Tab");
    assert.equal(await form.evaluate((window) => window.contains(document.activeElement)), true, `after ${press + 1} presses`);
  }
  await app.page.keyboard.press("Escape");
  await form.waitFor({ state: "hidden" });
});

scenario("the first press of Tab offers to skip the bar, and leads to the content", async (world) => {
  const { app } = await world.ward();
  await app.open();
  await app.unlock(BEN);
  const skip = app.page.getByRole("link", { name: shell.skipToContent });
  await app.page.evaluate(() => document.activeElement?.blur());
  await tabTo(app, skip);
  await app.page.keyboard.press("Enter");
  await app.page.keyboard.press("Tab");
  const inside = await app.page.getByRole("main").evaluate((main) => main.contains(document.activeElement));
  assert.equal(inside, true);
});

/** What is wrong with what is in sight: by the rules of axe in light and dark, for fingers, and on narrow screens. */
async function faultsOf(page) {
  const found = await violations(page);
  await inColours(page, "dark");
  // Nothing but colours is another in the dark.
  found.push(...(await violations(page, { runOnly: ["color-contrast", "link-in-text-block"] })).map((fault) => `in the dark: ${fault}`));
  await inColours(page, "light");
  const usual = page.viewportSize();
  await resize(page, UPRIGHT);
  found.push(...(await smallTargets(page)));
  for (const size of NARROW) {
    await resize(page, size);
    found.push(...(await beyondTheEdge(page)).map((part) => `${size.width} pixels wide: ${part}`));
  }
  await resize(page, usual);
  return found;
}

/** Shows a page in light or dark colours, and waits until they are there. */
async function inColours(page, colorScheme) {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const before = await background();
  await page.emulateMedia({ colorScheme });
  await until(`it is ${colorScheme}`, async () => (await background()) !== before);
  await drawn(page);
}

/** What axe finds wrong on a page: rule, and where. */
async function violations(page, options = {}) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async (chosen) => {
    // What is read out stands there for a moment, and may name what has gone since.
    const context = { exclude: ["[data-live-announcer]"] };
    const { violations: found } = await globalThis.axe.run(context, { resultTypes: ["violations"], ...chosen });
    return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`));
  }, options);
}

/** Presses Tab until something has the keyboard; on the way it is always seen what has it. */
async function tabTo(app, wanted) {
  for (let press = 0; press < TABS_MAX; press += 1) {
    if (await hasKeyboard(wanted)) return;
    await app.page.keyboard.press("Tab");
    if (await app.page.evaluate(() => document.activeElement !== document.body)) {
      assert.equal(await focusIsSeen(app.page), true, await app.page.evaluate(() => `${document.activeElement.outerHTML.slice(0, 200)} has no ring`));
    }
  }
  assert.fail(`${wanted} is not reached with Tab`);
}

async function goDownTo(app, wanted) {
  await wanted.waitFor();
  for (let press = 0; press < TABS_MAX; press += 1) {
    if (await hasKeyboard(wanted)) return;
    await app.page.keyboard.press("ArrowDown");
  }
  assert.fail(`${wanted} is not reached with the arrow keys`);
}

function hasKeyboard(locator) {
  return locator.evaluate((element) => element === document.activeElement);
}
