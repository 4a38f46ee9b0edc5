// A new version of the app: it waits until nobody is writing, starts as a whole, and says which one it is.

import { strict as assert } from "node:assert";
import { ANA } from "./support/cli.mjs";
import { Builds } from "./support/newbuild.mjs";
import { en } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { scenario } from "./support/world.mjs";

const { app: shell, technical, write } = en;
const PATIENT = { given: "Amina", family: "Quillfeather" };
const NAME = "Amina Quillfeather";

/** An organisation of one device, which needs no server for its records, on an app whose build can change. */
async function alone(world) {
  const server = await world.server();
  const builds = await new Builds().start(server.base);
  world.endsWith(() => builds.stop());
  const tablet = await world.tablet("tablet", { base: builds.base });
  const app = await tablet.start();
  await app.createOrganisation({ name: "Harbour Clinic", member: ANA, device: "tablet" });
  await app.addPatient(PATIENT);
  await app.isKept();
  return { builds, app };
}

/** The same, on a page that has come from what is kept on the device, as all but the very first do. */
async function aloneAgain(world) {
  const { builds, app } = await alone(world);
  await app.open();
  await app.unlock(ANA);
  return { builds, app };
}

/** As the app does every hour. */
function lookForNewBuild(app) {
  return app.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
  });
}

/** The same, for an app that may change to it: waits until the page was loaded again. */
async function becomesNew(app) {
  await app.page.evaluate(() => {
    globalThis.isOldPage = true;
  });
  // The page may be gone before it has answered.
  const looked = lookForNewBuild(app).catch((error) => assert.match(String(error), /navigation|destroyed|closed/));
  await until("the page is another", () => app.page.evaluate(() => globalThis.isOldPage === undefined));
  await looked;
}

/** What the technical page says runs here. */
async function running(app) {
  await app.openTechnical();
  const program = app.region(technical.program);
  const values = program.getByRole("definition");
  // Two of what runs here, and two of what the server has.
  await until("both are known", async () => (await values.count()) >= 4);
  const [version, build] = await values.allInnerTexts();
  return { version, build };
}

scenario("a new build waits while somebody writes, and starts when they say so", async (world) => {
  const { builds, app } = await aloneAgain(world);
  assert.deepEqual(await running(app), { version: builds.old.version, build: builds.old.build });
  await app.says(technical.same);

  await app.openPatient(NAME);
  const form = await app.chart.write("note");
  await app.chart.fill(form, { [write.text]: "half a sentence" });
  await app.chart.isDrafted(form);
  const { version, build } = await builds.change();
  await lookForNewBuild(app);
  // Below the window that is being written in: it says so, and cannot be pressed.
  const now = app.page.getByText(shell.update.now, { exact: true });
  await now.waitFor({ state: "attached" });
  await app.page.getByText(shell.update.editing).waitFor({ state: "attached" });
  assert.equal(await newBuildWaits(app), true);
  assert.equal(await form.isVisible(), true);

  await app.closeWindow(form);
  await app.button(shell.update.now).click();
  await app.isLocked();
  await app.unlock(ANA);
  assert.deepEqual(await running(app), { version, build });
  assert.notEqual(build, builds.old.build);
  await app.says(technical.same);
  await app.openPatient(NAME);
  await app.says(write.draftsOnlyMine);
});

scenario("a new build starts by itself while nobody is unlocked, and the old one is no longer kept", async (world) => {
  const { builds, app } = await aloneAgain(world);
  const { build } = await builds.change();
  await app.lock();
  await becomesNew(app);
  await until("one build is kept, and it is the new one", async () => {
    const names = await app.page.evaluate(() => caches.keys());
    return names.length === 1 && names[0].endsWith(build);
  });
  await app.unlock(ANA);
  assert.equal((await running(app)).build, build);
});

// BRW-03
scenario("a build whose files do not have the hashes of its list is not taken, and the old one goes on", async (world) => {
  const { builds, app } = await aloneAgain(world);
  await builds.change({ altered: true });
  await app.lock();
  // Whether the browser says that it failed is up to the browser; that nothing waits then is what counts.
  await lookForNewBuild(app).catch((error) => assert.match(String(error), /service ?worker|update/i));
  await until("it has given up", () => app.page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).installing === null));
  assert.equal(await newBuildWaits(app), false);
  await app.open();
  await app.unlock(ANA);
  assert.equal((await running(app)).build, builds.old.build);
  await app.says(technical.differs);
});

scenario("a new build loads the page again on the very first visit, too", async (world) => {
  const { builds, app } = await alone(world);
  const { build } = await builds.change();
  await app.lock();
  await becomesNew(app);
  await app.unlock(ANA);
  assert.equal((await running(app)).build, build);
});

function newBuildWaits(app) {
  return app.page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).waiting !== null);
}
