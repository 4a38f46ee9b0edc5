// Writing in a chart: every form, drafts that nothing takes away, and how far a record has come.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ANA, BEN, EVA } from "./support/cli.mjs";
import { JOAO } from "./support/data.mjs";
import { en, words, wording } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { looking, scenario, TEAM } from "./support/world.mjs";

const { chart, vitals, write } = en;
const COPD = "Chronic obstructive lung disease";
const HALF = "half a sentence about the left";

looking(
  "each form",
  (world) => world.ward(),
  (look) => {
    look("vital signs are records of their own, with the digits that were typed", async ({ app, desk }) => {
      await app.openPatient(JOAO);
      await app.chart.recordVitals({ systolic: "128", diastolic: "79", temperature: "36.50", heartRate: "71" });
      await app.chart.show("vitals");
      await app.tick(app.radio(vitals.asTable));
      await app.page.getByRole("table", { name: "Body temperature" }).getByText("36.50").waitFor();
      await app.exchange();
      await desk.sync(ANA);
      const exported = await exportOf(desk, JOAO);
      assert.match(exported, /"value": ?36\.50\b/);
      assert.match(exported, /"code": ?"85354-9"/);
    });

    look("a value that nobody can have is asked about, and saved all the same", async ({ app }) => {
      await app.openPatient(JOAO);
      const form = await app.chart.write("vitals");
      await app.chart.fill(form, { [write.vitals.heartRate]: "7100" });
      await form.getByText(words(write.implausible)).waitFor();
      await app.chart.fill(form, { [write.vitals.heartRate]: "seventy" });
      await app.button(write.save, form).click();
      await form.getByText(write.vitalsNotNumber).waitFor();
      await app.chart.fill(form, { [write.vitals.heartRate]: "251" });
      await app.chart.save(form);
    });

    look("a note", async ({ app }) => {
      await app.openPatient(JOAO);
      await app.chart.writeNote({ title: "Ward round", text: "Slept well.\nNo wheeze today: ✓" });
      await app.chart.show("notes");
      await app.page.getByText(words("No wheeze today: ✓")).first().waitFor();
    });

    look("a problem", async ({ app }) => {
      await app.openPatient(JOAO);
      const form = await app.chart.write("problem");
      await app.chart.fill(form, { [write.what]: "Sprain of ankle", [write.onset]: "02.2015", [write.comment]: "While dancing" });
      await form.getByText(wording((date) => write.whenRead(date))).first().waitFor();
      await app.choose(write.certainty, write.conditionCertainty.provisional, form);
      await app.chart.save(form);
      const line = app.chart.record("Sprain of ankle");
      await line.getByText(words("Feb 2015")).waitFor();
      await line.getByText(words(BEN.name)).waitFor();
    });

    look("an allergy, which the banner shows at once", async ({ app }) => {
      await app.openPatient("Oskar Brandt");
      const form = await app.chart.write("allergy");
      await app.chart.fill(form, { [write.allergySubstance]: "Latex", [write.allergyReaction]: "Hives" });
      await app.choose(write.criticality, write.criticalities.high, form);
      await app.choose(write.severity, write.severities.severe, form);
      await app.chart.save(form);
      const allergies = app.chart.allergies();
      await allergies.getByText("Latex").waitFor();
      await allergies.getByRole("img", { name: chart.allergyHighRisk }).waitFor();
    });

    look("that no allergies are known", async ({ app }) => {
      await app.addPatient({ given: "Nils", family: "Unverträglich" });
      await app.chart.allergies().getByText(chart.allergiesNoneRecorded).waitFor();
      const form = await app.chart.write("allergy");
      await app.tick(app.checkbox(write.noKnownAllergies, form));
      await app.chart.save(form);
      await app.chart.allergies().getByText("No known allergy").waitFor();
    });

    look("a medication", async ({ app }) => {
      await app.openPatient(JOAO);
      const form = await app.chart.write("medication");
      await app.chart.fill(form, { [write.what]: "Metformin", [write.dosage]: "500 mg by mouth, twice a day", [write.start]: "2024" });
      await app.chart.save(form);
      await app.chart.record("Metformin").getByText("500 mg by mouth, twice a day").waitFor();
    });

    look("an encounter", async ({ app }) => {
      await app.openPatient(JOAO);
      const form = await app.chart.write("encounter");
      await app.chart.fill(form, {
        [write.encounterType]: "Home visit", [write.encounterStart]: "2026-01-05T10:00", [write.encounterReason]: "Wound check",
      });
      await app.chart.fill(form, { [write.encounterEnd]: "2026-01-05T09:00" });
      await app.button(write.save, form).click();
      await form.getByText(write.endBeforeStart).waitFor();
      await app.chart.fill(form, { [write.encounterEnd]: "2026-01-05T10:30" });
      await app.choose(write.encounterClass, write.encounterClasses.HH, form);
      await app.chart.save(form);
      await app.chart.show("timeline");
      await app.page.getByText(words("Home visit")).first().waitFor();
    });

    look("any record as FHIR, which has to be JSON", async ({ app }) => {
      await app.openPatient(JOAO);
      const form = await app.chart.write("fhir");
      const text = await app.field(write.fhirText, form).inputValue();
      const resource = { ...JSON.parse(text), code: { text: "Nebulisation" } };
      await app.chart.fill(form, { [write.fhirText]: `${JSON.stringify(resource)} }` });
      await app.button(write.save, form).click();
      await form.getByText(words("this is not valid JSON")).or(form.getByText(write.fhirBroken)).first().waitFor();
      await app.chart.fill(form, { [write.fhirText]: JSON.stringify(resource) });
      await app.chart.save(form);
      await app.chart.show("timeline");
      await app.page.getByText(words("Nebulisation")).first().waitFor();
    });

    look("editing keeps everything that the form does not show", async ({ app, desk }) => {
      await app.openPatient(JOAO);
      const form = await app.chart.edit("tiotropium", "MedicationRequest");
      await app.chart.fill(form, { [write.dosage]: "18 micrograms inhaled every other day" });
      await app.chart.save(form);
      await app.chart.record("tiotropium").getByText("18 micrograms inhaled every other day").waitFor();
      await app.exchange();
      await desk.sync(ANA);
      const after = await desk.json(ANA, ["get", "MedicationRequest/joao-tiotropium"]);
      assert.equal(after.dosageInstruction[0].text, "18 micrograms inhaled every other day");
      assert.deepEqual(after.requester, { reference: "Practitioner/dr-lindqvist" });
      assert.equal(after.intent, "order");
    });

    look("a record that was entered in error leaves the chart, and its history stays", async ({ app }) => {
      await app.openPatient(JOAO);
      await app.chart.addProblem("Written for somebody else");
      const form = await app.chart.edit("Written for somebody else", "Condition");
      await app.menu(app.button(write.more, form), write.enteredInError);
      await app.button(write.enteredInError, app.dialog(write.enteredInErrorTitle)).click();
      await app.says(write.enteredInErrorDone);
      await until("it is no problem any more", async () => (await app.chart.record("Written for somebody else").count()) === 0);
      await app.chart.show("timeline");
      await app.page.getByText(chart.enteredInError, { exact: true }).first().waitFor();
    });

    look("a record is deleted, after asking", async ({ app }) => {
      await app.openPatient(JOAO);
      await app.chart.addProblem("Deleted again");
      const form = await app.chart.edit("Deleted again", "Condition");
      await app.menu(app.button(write.more, form), write.remove);
      await app.button(write.remove, app.dialog(write.removeTitle)).click();
      await app.says(write.removed);
      await until("it is gone", async () => (await app.chart.record("Deleted again").count()) === 0);
    });
  },
);

scenario("who only reads is offered nothing to write", async (world) => {
  const { app } = await world.joined(await world.clinic(), BEN, { role: "reader" });
  assert.equal(await app.button(en.patients.register).isVisible(), false);
  await app.openPatient(JOAO);
  await app.says(chart.readOnly);
  assert.equal(await app.button(write.add).isVisible(), false);
});

scenario("a draft is there again after a reload, for its author alone", async (world) => {
  const { desk, app } = await world.ward();
  await app.lock();
  await app.joinHere(await desk.invite(ANA, "--member-only", "--team", TEAM), EVA);
  await app.switchTo(BEN);
  await beginNote(app);
  await app.open();
  await app.unlock(EVA);
  await app.openPatient(JOAO);
  assert.equal(await app.page.getByText(wording(write.drafts)).count(), 0, "Eva sees nothing of it");
  await app.switchTo(BEN);
  await findNote(app);
});

scenario("a draft is there again after a lock in the middle of a word", async (world) => {
  const { app } = await world.ward();
  await app.openPatient(JOAO);
  const form = await app.chart.write("note");
  await app.field(write.text, form).pressSequentially(HALF);
  await app.closeWindow(form);
  await app.lock();
  await app.unlock(BEN);
  await findNote(app);
});

scenario("a browser that is killed in the middle of writing leaves a whole chart and the draft", async (world) => {
  const { tablet, app } = await world.ward();
  await beginNote(app);
  await tablet.kill();

  const again = await tablet.start();
  await again.open();
  await again.unlock(BEN);
  await findNote(again);
  await again.isWhole();
  await again.openPatient(JOAO);
  await again.chart.addProblem("Written after the power came back");
  await again.exchange();
});

scenario("a draft is thrown away only after asking, and is gone then", async (world) => {
  const { app } = await world.ward();
  const form = await beginNote(app);
  await app.closeWindow(form);
  await app.button(words(write.titleNew(write.kinds.note))).click();
  await app.button(write.draftDrop, form).click();
  await app.button(write.draftDrop, app.dialog(write.draftDropTitle)).click();
  await until("the field is empty", async () => (await app.field(write.text, form).inputValue()) === "");
  await app.closeWindow(form);
  assert.equal(await app.page.getByText(wording(write.drafts)).count(), 0);
});

scenario("a record is on this device, then on the server, then seen by others", async (world) => {
  const { server, desk, app } = await world.ward();
  await server.kill();
  await app.openPatient(JOAO);
  await app.chart.addProblem("Fall at home");
  await app.chart.isDelivered("Fall at home", "here");
  await app.page.getByText(wording(chart.unsent)).waitFor();

  await server.start();
  await app.exchange();
  await app.openPatient(JOAO);
  await app.chart.isDelivered("Fall at home", "sent");

  await desk.sync(ANA);
  await desk.run(ANA, ["edit", "Condition/joao-copd", "--set", "onsetDateTime=\"2015\""]);
  await desk.sync(ANA);
  await app.exchange();
  await app.openPatient(JOAO);
  await app.chart.isDelivered("Fall at home", "seen");
});

scenario("who changes a record that somebody else changes meanwhile is told before they save", async (world) => {
  const { desk, app } = await world.ward();
  await app.openPatient(JOAO);
  const form = await app.chart.edit(COPD, "Condition");
  await desk.run(ANA, ["edit", "Condition/joao-copd", "--set", "onsetDateTime=\"2016\""]);
  await desk.sync(ANA);
  await form.getByText(write.changedMeanwhile).waitFor();
});

async function beginNote(app) {
  await app.openPatient(JOAO);
  const form = await app.chart.write("note");
  await app.chart.fill(form, { [write.noteTitle]: "Ward round", [write.text]: HALF });
  await app.chart.isDrafted(form);
  return form;
}

async function findNote(app) {
  await app.openPatient(JOAO);
  await app.button(words(write.titleNew(write.kinds.note))).click();
  const form = app.dialog(write.titleNew(write.kinds.note));
  await form.getByText(wording(write.draftRestored)).waitFor();
  assert.equal(await app.field(write.text, form).inputValue(), HALF);
  await app.closeWindow(form);
}

/** The whole chart of a patient as FHIR text, from the desk. */
async function exportOf(desk, patient) {
  const { files } = await desk.json(ANA, ["export", patient, "--out", join(desk.folder, "export"), "--format", "ndjson"]);
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}
