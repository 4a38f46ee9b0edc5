// When the line to the server is bad: nothing is answered, or what comes is no answer. Nobody has to wait for it.

import { strict as assert } from "node:assert";
import { ANA, BEN } from "./support/cli.mjs";
import { JOAO } from "./support/data.mjs";
import { en, words, wording } from "./support/texts.mjs";
import { PATIENCE_MS, until } from "./support/wait.mjs";
import { scenario } from "./support/world.mjs";

const { app: shell, sync, unlock, write } = en;
const EXCHANGE = /\/sync$/;
/** Far less than a request may take, on whatever machine this runs. */
const AT_ONCE_MS = 20_000;
/** The longest answer of the protocol (`spec/browser.md`, BRW-08), and some more. */
const TOO_MUCH_BYTES = 66 * 1024 * 1024;

/** A tablet that reaches its server by a line that can go bad. */
async function farAway(world) {
  const line = await world.line();
  const clinic = await world.newClinic({ line });
  return { line, ...clinic, ...(await world.joined(clinic, BEN)) };
}

scenario("a server that takes every connection and answers none holds nobody up, and is said to be away", async (world) => {
  const { server, desk, app } = await world.ward();
  await app.syncSays(sync.chip.done);
  server.pause();
  app.page.setDefaultTimeout(AT_ONCE_MS);
  await app.goTo("sync");
  await app.button(sync.now).click();
  await app.openPatients();
  await app.search("Ferreira");
  await app.line(JOAO).first().click();
  await app.heading(JOAO).waitFor();
  await app.chart.addProblem("Written while nobody answered");
  await app.syncSays(sync.chip.offlineUnsent, { within: AT_ONCE_MS });

  await app.goTo("sync");
  await app.page.getByText(wording(sync.stateOffline)).waitFor();
  await app.button(sync.now).click();
  await app.lock();
  await app.unlock(BEN);
  await app.openPatient(JOAO);
  await app.chart.isDelivered("Written while nobody answered", "here");

  app.page.setDefaultTimeout(PATIENCE_MS);
  server.resume();
  await app.exchange();
  await desk.sync(ANA);
  await desk.isWhole(ANA);
  await app.openPatient(JOAO);
  await app.chart.isDelivered("Written while nobody answered", "sent");
});

scenario("locking waits for no exchange", async (world) => {
  const { line, app } = await farAway(world);
  await app.openPatient(JOAO);
  await app.syncSays(sync.chip.done);
  await app.goTo("sync");
  line.hold(EXCHANGE);
  await app.button(sync.now).click();
  await line.holds();
  await app.button(shell.lock).click();
  await app.button(unlock.submit).waitFor({ timeout: AT_ONCE_MS });
  line.release();
  await app.unlock(BEN);
  await app.exchange();
  await app.openPatient(JOAO);
  await app.isWhole();
});

scenario("what was typed during an exchange is sealed before it locks, and nobody sees it meanwhile", async (world) => {
  const { line, app } = await farAway(world);
  const { clock } = app.page;
  await clock.install();
  await app.open();
  await app.unlock(BEN);
  await app.openPatient(JOAO);
  await app.syncSays(sync.chip.done);
  const form = await app.chart.write("note");
  line.hold(EXCHANGE);
  await app.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await line.holds();
  await app.chart.fill(form, { [write.text]: "typed while the server was asked" });
  await clock.fastForward("05:10");
  await until("it is covered", async () => (await app.page.getByText(JOAO).filter({ visible: true }).count()) === 0);
  assert.equal(await app.button(unlock.submit).count(), 0, "it has not locked yet");
  line.release();
  await app.isLocked();

  await app.unlock(BEN);
  await app.button(words(write.titleNew(write.kinds.note))).click();
  assert.equal(await app.field(write.text).inputValue(), "typed while the server was asked");
});

// BRW-08
scenario("an answer that is longer than any is not taken, and the next one is", async (world) => {
  const { line, desk, app } = await farAway(world);
  await app.openPatient(JOAO);
  await app.syncSays(sync.chip.done);
  line.flood(EXCHANGE, TOO_MUCH_BYTES);
  await app.goTo("sync");
  await app.button(sync.now).click();
  await app.page.getByText(sync.stateFailed, { exact: true }).waitFor();
  await app.syncSays(sync.chip.failed);
  await app.openPatient(JOAO);
  await app.chart.addProblem("Written all the same");

  line.ebb();
  await app.exchange();
  await desk.sync(ANA);
  await desk.isWhole(ANA);
  await app.openPatient(JOAO);
  await app.chart.isDelivered("Written all the same", "sent");
  await app.isWhole();
});
