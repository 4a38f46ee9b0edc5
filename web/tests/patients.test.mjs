// The list of patients: importing, finding and registering.

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ANA, BEN } from "./support/cli.mjs";
import { filesIn, JOAO, patients as generated, SAMPLES, shared as sharedData } from "./support/data.mjs";
import { en, words, wording } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { looking, scenario, TEAM } from "./support/world.mjs";

const { common, patients } = en;
const DAY_TEAM = "Day crew";
const synthea = sharedData("synthea-r4");

scenario("FHIR files are imported, each whole, and the same again changes nothing", async (world) => {
  const { desk, app } = await world.ward({ samples: false });
  const files = [...(await filesIn(SAMPLES, ".json")), ...(await filesIn(SAMPLES, ".ndjson"))];
  const first = await app.importFiles(files);
  await first.getByText(wording(patients.importCharts)).waitFor();
  assert.equal(await first.getByText(words(patients.importRefused)).count(), 0);
  await app.closeWindow(first);
  for (const name of [JOAO, "Mirela Ana Ionescu", "Oskar Brandt"]) await app.line(name).waitFor();

  const again = await app.importFiles(files);
  const counts = await again.getByText(wording(patients.importDone)).innerText();
  assert.match(counts, words((unchanged) => patients.importDone(0, 0, unchanged)));
  await app.closeWindow(again);

  await app.exchange();
  await desk.sync(ANA);
  assert.equal((await desk.json(ANA, ["patients", "Ionescu"])).length, 1, "the team has them");
});

scenario("a file that is not FHIR is refused with its reason, and others of the same import are taken", async (world) => {
  const { app } = await world.ward({ samples: false });
  const broken = { name: "broken.json", mimeType: "application/json", buffer: Buffer.from('{"resourceType": "Patient", ') };
  const window = await app.importFiles([broken, join(SAMPLES, "joao-ferreira.json")].map(asGiven));
  await window.getByText(words(patients.importRefused)).waitFor();
  await window.getByText("broken.json").first().waitFor();
  await app.closeWindow(window);
  await app.line(JOAO).waitFor();
});

scenario("real records of many years are imported and found", async (world) => {
  const { app } = await world.ward({ samples: false });
  const files = await filesIn(synthea, ".json");
  const shared = files.filter((file) => /hospital|practitioner/.test(file));
  const people = files.filter((file) => /Graciela|Erick|Barney/.test(file));
  assert.equal(people.length, 3);
  const window = await app.importFiles([...shared, ...people]);
  await app.closeWindow(window);
  await app.search("Alcantar");
  await app.line("Alcántar").waitFor();
  await app.line("Alcántar").first().click();
  await app.chart.show("timeline");
  await app.page.getByText(words(en.chart.timelineShown)).first().waitFor();
}, { skip: synthea === undefined });

looking(
  "among many patients",
  async (world) => {
    const clinic = await world.clinic();
    const { desk } = clinic;
    await desk.run(ANA, ["team", "create", DAY_TEAM, ANA.user]);
    await desk.run(ANA, ["import", await desk.write("many.ndjson", generated(300)), "--team", DAY_TEAM]);
    await desk.sync(ANA);
    return (await world.joined(clinic, BEN, { teams: [TEAM, DAY_TEAM] })).app;
  },
  (look) => {
    look("names are found with typing errors and without accents", async (app) => {
      await app.openPatients();
      for (const typed of ["Joao Ferreria", "ferreira", "FEREIRA joão"]) {
        await app.search(typed);
        await app.line(JOAO).waitFor();
        assert.match((await app.lines())[0], /João Ferreira/, typed);
      }
    });

    look("birth dates and numbers are found", async (app) => {
      await app.openPatients();
      await app.search("1957-03-02");
      await app.line(JOAO).waitFor();
      await app.search("HC-005002");
      await until("Mirela alone", async () => (await app.lines()).length === 1 && (await app.line("Mirela").isVisible()));
    });

    look("each keystroke filters, and what is typed last is what is shown", async (app) => {
      await app.openPatients();
      await app.search("");
      await app.field(patients.searchLabel).pressSequentially("Oskar Brandt");
      await until("Oskar first", async () => /Oskar Brandt/.test((await app.lines())[0]));
      await app.search("zzzzzzzz");
      await app.heading(patients.noMatchTitle).waitFor();
      await app.search("");
      await until("more than fit", async () => (await app.lines()).length === 50);
    });

    look("a long list shows a part, says how many more there are, and gives them", async (app) => {
      await app.openPatients();
      await app.search("");
      await app.page.getByText(wording(patients.shown)).waitFor();
      await app.page.getByRole("button", { name: wording(common.showMore) }).click();
      await until("the next ones", async () => (await app.lines()).length === 100);
    });

    look("the keyboard goes from the search into the list and back, and opens a chart", async (app) => {
      await app.openPatients();
      await app.search("Ferreira");
      await app.line(JOAO).waitFor();
      const field = app.field(patients.searchLabel);
      await field.press("ArrowDown");
      await until("the first line has the keyboard", () => hasFocus(app.line(JOAO).first()));
      await app.page.keyboard.press("ArrowUp");
      await until("the field has it again", () => hasFocus(field));
      await field.press("ArrowDown");
      await app.page.keyboard.press("Enter");
      await app.heading(JOAO).waitFor();
    });

    look("charts that were opened lately are a list of their own, the latest first", async (app) => {
      await app.openPatient("Oskar Brandt");
      await app.openPatient(JOAO);
      await app.openPatients();
      await app.filterPatients("filterRecent");
      await until("the latest first", async () => {
        const [first, second] = await app.lines();
        return /João Ferreira/.test(first) && /Oskar Brandt/.test(second);
      });
    });

    look("what my teams share is a list of its own, without what is mine alone", async (app) => {
      await app.addPatient({ given: "Noor", family: "Solitaire", team: patients.justMe });
      await app.openPatients();
      await app.search("Solitaire");
      await app.line("Noor Solitaire").waitFor();
      await app.filterPatients("filterMyTeams");
      await app.heading(patients.noMatchTitle).waitFor();
      await app.search("Ferreira");
      await app.line(JOAO).waitFor();
    });

    look("whoever is there already is opened in place of a second chart", async (app) => {
      const form = await app.beginPatient({ given: "Mirela", family: "Ionesku", birthDate: "1991-12-19" });
      const open = form.getByRole("button", { name: words(patients.openInstead) }).first();
      await open.click();
      await app.heading("Mirela Ana Ionescu").waitFor();
      await app.openPatients();
      assert.equal(await app.page.getByText(wording(patients.draftNotice)).count(), 0, "there is nothing to go on with");
    });

    look("what is missing or wrong is said at its field", async (app) => {
      const form = await app.beginPatient({ family: "", birthDate: "31.2.1980" });
      await app.button(patients.register, form).click();
      await form.getByText(patients.nameMissing).waitFor();
      await form.getByText(patients.birthDateWrong).waitFor();
      await form.getByText(patients.teamMissing).waitFor();
      await app.field(patients.birthDate, form).fill("");
      await app.button(common.cancel, form).click();
      await form.waitFor({ state: "hidden" });
    });

    look("addresses and window titles name nobody", async (app) => {
      await app.openPatient(JOAO);
      const said = `${app.page.url()} ${await app.page.title()}`;
      assert.doesNotMatch(decodeURIComponent(said), /Ferreira|João|1957|HC-004711/);
    });

    // The last one: there is one more João from here on.
    look("a likely duplicate is named while typing, and asked about before a second chart is made", async (app) => {
      const form = await app.beginPatient({ given: "Joao", family: "Fereira", birthDate: "2.3.1957", team: TEAM });
      await form.getByText(patients.duplicatesMaybe).waitFor();
      await app.button(patients.register, form).click();
      const question = app.dialog(patients.duplicatesTitle);
      await question.getByText(JOAO).waitFor();
      await question.getByText(words(patients.duplicateBirthDate)).waitFor();
      await app.button(patients.backToForm, question).click();
      assert.equal(await app.field(patients.family).inputValue(), "Fereira", "nothing typed is lost");
      await app.button(patients.register, app.dialog(patients.registerTitle)).click();
      await app.button(patients.registerAnyway, question).click();
      await app.heading("Joao Fereira").waitFor();
    });
  },
);

/** A file that lies on the disk, in the form of one that does not: both at once have to be of one form. */
function asGiven(file) {
  return typeof file === "string" ? { name: basename(file), mimeType: "application/json", buffer: readFileSync(file) } : file;
}

function hasFocus(locator) {
  return locator.evaluate((element) => element === document.activeElement);
}
