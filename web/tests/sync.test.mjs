// Exchanging: what waits and since when, several people in one chart while apart, and deciding between them.

import { strict as assert } from "node:assert";
import { ANA, BEN, EVA } from "./support/cli.mjs";
import { JOAO, patients as generated } from "./support/data.mjs";
import { en, words, wording } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { scenario, TEAM } from "./support/world.mjs";

const { chart, sync, tasks, write } = en;
const COPD = "Chronic obstructive lung disease";
const CONDITION = "Condition/joao-copd";

/** Changes since when João has his disease. */
async function setOnset(app, year) {
  await app.openPatient(JOAO);
  const form = await app.chart.edit(COPD, "Condition");
  await app.chart.fill(form, { [write.onset]: year });
  await app.chart.save(form);
}

async function onsetAt(desk) {
  return (await desk.json(ANA, ["get", CONDITION])).onsetDateTime;
}

/** Ana at the desk, Ben and Eva each with a tablet, all apart: each has written another year. */
async function apart(world) {
  const clinic = await world.clinic();
  const { server, desk } = clinic;
  const { app: ben } = await world.joined(clinic, BEN, { name: "Ben’s tablet" });
  const { app: eva } = await world.joined(clinic, EVA, { name: "Eva’s tablet" });
  await desk.sync(ANA);
  await server.kill();
  await setOnset(ben, "2011");
  await setOnset(eva, "2012");
  await desk.run(ANA, ["edit", CONDITION, "--set", "onsetDateTime=\"2013\""]);
  await server.start();
  await desk.sync(ANA);
  await ben.exchange();
  await eva.exchange();
  await ben.exchange();
  await desk.sync(ANA);
  return { ...clinic, ben, eva };
}

scenario("offline is said as a state, with what waits, since when and until when, and ends by itself", async (world) => {
  const { server, app } = await world.ward();
  await server.kill();
  await app.openPatient(JOAO);
  await app.chart.addProblem("Fall at home");
  await app.syncSays(sync.chip.offlineUnsent);
  await app.goTo("sync");
  await app.page.getByText(wording(sync.stateOffline)).waitFor();
  const card = app.region(sync.server);
  await card.getByText(wording(sync.unsentLine)).waitFor();
  await card.getByText(sync.lease, { exact: true }).waitFor();
  assert.equal(await app.page.getByRole("alert").count(), 0, "it is no error");

  await server.start();
  await app.button(sync.now).click();
  await app.page.getByText(wording(sync.stateDone)).waitFor();
  await app.syncSays(sync.chip.done);
  await card.getByText(sync.unsentLine(0, ""), { exact: true }).waitFor();
});

scenario("what others write arrives without anybody asking for it", async (world) => {
  const { desk, app } = await world.ward();
  await app.openPatient(JOAO);
  await app.syncSays(sync.chip.done);
  await desk.run(ANA, ["edit", CONDITION, "--set", "code.text=Said at the desk"]);
  await desk.sync(ANA);
  await app.chart.record("Said at the desk").waitFor();
});

scenario("three people change one element apart: nothing is lost, nothing is preselected, and one decides for all", async (world) => {
  const { desk, ben, eva } = await apart(world);
  await ben.openPatient(JOAO);
  await ben.page.getByText(wording(chart.conflicts)).waitFor();

  await ben.tasks.openConflict(JOAO);
  for (const { name } of [ANA, BEN, EVA]) assert.equal(await ben.tasks.valueOf(name).isChecked(), false, name);
  for (const year of ["2011", "2012", "2013"]) await ben.page.getByText(year, { exact: true }).first().waitFor();
  const decide = ben.button(en.conflicts.decide, ben.region(en.conflicts.preview));
  assert.equal(await decide.isDisabled(), true, "nobody decides by leaving it");
  const boxes = await Promise.all([ANA, BEN, EVA].map(({ name }) => ben.tasks.valueOf(name).boundingBox()));
  assert.ok(new Set(boxes.map(({ x }) => Math.round(x))).size > 1, "they stand side by side");

  await ben.tick(ben.tasks.valueOf(EVA.name));
  await ben.tasks.decide();
  await ben.exchange();
  await desk.sync(ANA);
  assert.equal(await onsetAt(desk), "2012");
  assert.deepEqual(await desk.json(ANA, ["conflicts"]), []);
  await eva.exchange();
  await eva.goTo("tasks");
  await eva.heading(tasks.nothing).waitFor();
  await eva.openPatient(JOAO);
  await eva.chart.record(COPD).getByText(words("2012")).waitFor();
  const window = await eva.chart.history(COPD);
  await until("every version stays in the history", async () => (await window.getByRole("listitem").count()) >= 5);
});

scenario("a whole version is taken, or a value of one's own is given", async (world) => {
  const { desk, ben } = await apart(world);
  await ben.tasks.openConflict(JOAO);
  await ben.button(en.conflicts.takeWhole(ANA.name)).click();
  await until("Ana's value is chosen", () => ben.tasks.valueOf(ANA.name).isChecked());
  await ben.tick(ben.tasks.valueOf(tasks.ownValue));
  await ben.field(tasks.ownLabel).fill("2010");
  await ben.tasks.decide();
  await ben.exchange();
  await desk.sync(ANA);
  assert.equal(await onsetAt(desk), "2010");
});

scenario("a decision that was begun is there again after a lock", async (world) => {
  const { ben } = await apart(world);
  await ben.tasks.openConflict(JOAO);
  await ben.tick(ben.tasks.valueOf(EVA.name));
  await ben.button(en.conflicts.later).click();
  await ben.says(tasks.begun);
  await ben.lock();
  await ben.unlock(BEN);
  await ben.tasks.openConflict(JOAO);
  await until("Eva's value is still chosen", () => ben.tasks.valueOf(EVA.name).isChecked());
});

scenario("what does not touch is merged, and nobody is asked", async (world) => {
  const { server, desk, app } = await world.ward();
  await server.kill();
  await setOnset(app, "2011");
  await desk.run(ANA, ["edit", CONDITION, "--set", "severity.text=Severe"]);
  await server.start();
  await desk.sync(ANA);
  await app.exchange();
  await desk.sync(ANA);
  const { onsetDateTime, severity } = await desk.json(ANA, ["get", CONDITION]);
  assert.deepEqual([onsetDateTime, severity.text], ["2011", "Severe"]);
  await app.goTo("tasks");
  await app.heading(tasks.nothing).waitFor();
});

scenario("a server that is killed in the middle of an exchange loses nothing and gets nothing twice", async (world) => {
  const { server, desk, app } = await world.ward();
  const many = { name: "many.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(generated(400)) };
  await app.closeWindow(await app.importFiles([many], { team: TEAM }));
  await app.syncSays(sync.chip.sending);
  await server.kill();
  await until("it has noticed", async () => !words(sync.chip.sending).test(await app.syncChip().getAttribute("aria-label")));
  await server.start();
  await app.exchange();
  await desk.sync(ANA);
  assert.equal((await desk.json(ANA, ["patients", "--most", "1000"])).filter(({ kind }) => kind === "patient").length, 403);
  await desk.isWhole(ANA);
  await app.openTechnical();
  await app.button(en.technical.verifyServer).click();
  await app.says(en.technical.allWell);
}, { timeout: 10 * 60_000 });
