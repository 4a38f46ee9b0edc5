// Handing over: a printed page that names the patient on every sheet, and FHIR files.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { ANA, BEN } from "./support/cli.mjs";
import { JOAO } from "./support/data.mjs";
import { en, wording } from "./support/texts.mjs";
import { pageCount, pagesOf } from "./support/pdf.mjs";
import { looking } from "./support/world.mjs";

const { app: shell, chart, common, print } = en;
const PROBLEMS = 40;

looking(
  "a handover",
  async (world) => {
    const clinic = await world.clinic();
    const { desk } = clinic;
    await desk.run(ANA, ["import", await desk.write("problems.ndjson", manyProblems())]);
    await desk.sync(ANA);
    return (await world.joined(clinic, BEN)).app;
  },
  (look) => {
    look("the page says who it is about, what they have, take and must not get, as of when, and who printed it", async (app) => {
      await openPrint(app);
      const sheet = app.page.getByRole("article", { name: print.sheet });
      for (const said of [JOAO, "HC-004711", "Allergy to penicillin", "tiotropium", "Chronic obstructive lung disease", "91.0 %"]) {
        await sheet.getByText(said).first().waitFor();
      }
      await sheet.getByText(wording(print.asOf)).waitFor();
      await sheet.getByText(wording((when) => print.printedBy(BEN.name, when))).waitFor();
      await sheet.getByText(print.confidential).waitFor();
    });

    look("encounters and notes are printed or left out", async (app) => {
      await openPrint(app);
      const sheet = app.page.getByRole("article", { name: print.sheet });
      await sheet.getByText("Emergency room admission").first().waitFor();
      const course = app.checkbox(print.withCourse);
      await course.press("Space");
      await sheet.getByText("Emergency room admission").first().waitFor({ state: "detached" });
      await app.tick(course);
      await sheet.getByText("Emergency room admission").first().waitFor();
    });

    look("printed, every page names the patient", async (app) => {
      await openPrint(app);
      await app.page.getByRole("article", { name: print.sheet }).getByText(print.end).waitFor();
      const bytes = await app.page.pdf({ format: "A4" });
      assert.equal(bytes.subarray(0, 5).toString("latin1"), "%PDF-");
      const count = pageCount(bytes);
      assert.ok(count > 1, `${count} pages are too few to tell`);
      const named = pagesOf(bytes).filter((page) => page.includes("Ferreira"));
      assert.ok(named.length >= count, `${named.length} of ${count} pages name the patient`);
    });

    look("on paper there is nothing to press", async (app) => {
      await openPrint(app);
      await app.page.emulateMedia({ media: "print" });
      assert.equal(await app.button(common.print).isVisible(), false);
      assert.equal(await app.page.getByRole("article", { name: print.sheet }).isVisible(), true);
      await app.page.emulateMedia({ media: null });
    });

    look("the whole chart is saved as a FHIR bundle, after a warning, with every digit", async (app) => {
      await openPrint(app);
      const { name, text } = await save(app, "chart");
      assert.equal(name, "joao-ferreira.json");
      const bundle = JSON.parse(text);
      assert.deepEqual([bundle.resourceType, bundle.type], ["Bundle", "collection"]);
      const resources = bundle.entry.map(({ resource }) => resource);
      assert.ok(resources.some(({ resourceType, id }) => resourceType === "Patient" && id === "joao-ferreira"));
      assert.ok(resources.length > PROBLEMS);
      assert.match(text, /"value": ?91\.0\b/);
      assert.match(text, /_birthDate/);
    });

    look("the patient summary is a FHIR document", async (app) => {
      await openPrint(app);
      const { text } = await save(app, "summary");
      const bundle = JSON.parse(text);
      assert.equal(bundle.type, "document");
      assert.equal(bundle.entry[0].resource.resourceType, "Composition");
      const referred = bundle.entry[0].resource.section.flatMap(({ entry = [] }) => entry).map(({ reference }) => reference);
      const there = new Set(bundle.entry.flatMap(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`]));
      assert.deepEqual(referred.filter((reference) => !there.has(reference)), []);
    });

    look("it is locked from the page, too", async (app) => {
      await openPrint(app);
      await app.button(shell.lock).click();
      await app.isLocked();
      await app.tryToUnlock(BEN);
      await app.button(common.print).waitFor();
      await app.page.getByRole("link", { name: print.back }).click();
      await app.heading(JOAO).waitFor();
    });
  },
);

async function openPrint(app) {
  // The frame with its navigation is not around this screen.
  if (await app.page.getByRole("link", { name: print.back }).isVisible()) await app.page.getByRole("link", { name: print.back }).click();
  await app.openPatient(JOAO);
  await app.button(chart.print).click();
  await app.heading(print.title).waitFor();
}

async function save(app, what) {
  await app.menu(app.button(print.saveFhir), print.save[what]);
  const question = app.dialog(print.saveTitle);
  await question.getByText(print.saveClear).waitFor();
  const [download] = await Promise.all([app.page.waitForEvent("download"), app.button(print.saveDo, question).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

/** Enough for more than one sheet. */
function manyProblems() {
  const problem = (at) => ({
    resourceType: "Condition",
    id: `joao-problem-${at}`,
    clinicalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }] },
    code: { text: `Problem number ${at} of a long life` },
    subject: { reference: "Patient/joao-ferreira" },
    onsetDateTime: String(1960 + at),
  });
  return Array.from({ length: PROBLEMS }, (_, at) => JSON.stringify(problem(at))).join("\n");
}
