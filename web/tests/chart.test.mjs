// Reading a chart: who it is about stays in sight, and every part says what is recorded.

import { strict as assert } from "node:assert";
import { ANA, BEN } from "./support/cli.mjs";
import { JOAO } from "./support/data.mjs";
import { beginning, en, words, wording } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { looking } from "./support/world.mjs";

const { chart, common, share, vitals } = en;
const SATURATION = "Oxygen saturation";

/** A tablet held upright, and low enough that every part of a chart has to be scrolled. */
const LOW = { width: 820, height: 700 };

async function build(world) {
  const clinic = await world.clinic();
  const { desk } = clinic;
  await desk.run(ANA, ["edit", "Observation/joao-weight", "--set", "valueQuantity.value=83.10"]);
  await desk.sync(ANA);
  return (await world.joined(clinic, BEN, { viewport: LOW })).app;
}

looking("a chart", build, (look) => {
  look("the banner names the person and stays while the page is scrolled", async (app) => {
    await app.openPatient(JOAO);
    const banner = app.chart.banner(JOAO);
    for (const said of ["2 Mar 1957", en.patients.sexes.male, "HC-004711"]) await banner.getByText(words(said)).first().waitFor();
    await app.page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await until("it is scrolled", () => app.page.evaluate(() => window.scrollY > 100));
    const { y } = await app.heading(JOAO).boundingBox();
    assert.ok(y >= 0 && y < LOW.height / 2, `the name is at ${y}`);
    assert.ok((await app.chart.allergies().boundingBox()).y < LOW.height, "allergies are in sight");
  });

  look("allergies are always there, and dangerous ones are marked", async (app) => {
    await app.openPatient(JOAO);
    const allergies = app.chart.allergies();
    await allergies.getByText("Allergy to penicillin").waitFor();
    await allergies.getByText(words("Anaphylaxis")).waitFor();
    await allergies.getByRole("img", { name: chart.allergyHighRisk }).waitFor();
    for (const part of ["vitals", "notes", "access"]) {
      await app.chart.show(part);
      assert.equal(await allergies.isVisible(), true, part);
    }
  });

  look("that none are known is not the same as that nobody asked", async (app) => {
    await app.openPatient("Mirela Ana Ionescu");
    await app.chart.allergies().getByText("No known allergy").waitFor();
    await app.openPatient("Oskar Brandt");
    await app.chart.allergies().getByText(chart.allergiesNoneRecorded).waitFor();
  });

  look("of somebody who died it is said at once", async (app) => {
    await app.openPatient("Oskar Brandt");
    const banner = app.chart.banner("Oskar Brandt");
    await banner.getByText(chart.deceased, { exact: true }).waitFor();
    await banner.getByText(chart.died, { exact: true }).waitFor();
    await banner.getByText(/14 Sept? 2026/).waitFor();
  });

  look("problems of now come before those that are over", async (app) => {
    await app.openPatient(JOAO);
    const problems = app.region(chart.problems);
    await problems.getByText("Chronic obstructive lung disease", { exact: true }).waitFor();
    assert.equal(await problems.getByText("Fracture of clavicle", { exact: true }).isVisible(), false);
    await problems.getByText(beginning(chart.problemsPast)).click();
    await problems.getByText("Fracture of clavicle", { exact: true }).waitFor();
  });

  look("medications say how they are taken", async (app) => {
    await app.openPatient(JOAO);
    const medications = app.region(chart.medications);
    await medications.getByText("tiotropium", { exact: true }).waitFor();
    await medications.getByText("18 micrograms inhaled once daily").waitFor();
  });

  look("the latest vital signs say when they were measured and what stands out", async (app) => {
    await app.openPatient(JOAO);
    const latest = app.region(chart.latestVitals);
    await latest.getByText(SATURATION).waitFor();
    await latest.getByText("91.0").waitFor();
    await latest.getByText(vitals.flags.low, { exact: true }).waitFor();
    await latest.getByText(words(vitals.measured)).first().waitFor();
    await latest.getByText("83.10").waitFor();
  });

  look("a graph says each value under the mouse and with the arrow keys", async (app) => {
    await app.openPatient(JOAO);
    await app.chart.show("vitals");
    const graph = app.page.getByRole("slider", { name: vitals.pointsLabel(SATURATION), exact: true });
    const says = (value) => until(`the graph says ${value}`, async () => (await graph.getAttribute("aria-valuetext")).includes(value));
    await says("91.0 %");
    assert.ok((await graph.getAttribute("aria-valuetext")).includes(vitals.flags.low));
    await graph.scrollIntoViewIfNeeded();
    const { width, height } = await graph.boundingBox();
    // The older one is drawn at the left.
    await graph.hover({ position: { x: width * 0.15, y: height / 2 } });
    await says("95 %");
    await graph.press("End");
    await says("91.0 %");
    await graph.press("ArrowLeft");
    await says("95 %");
    assert.equal(await graph.getAttribute("aria-valuemax"), "2");
  });

  look("the same values are a table with ranges", async (app) => {
    await app.openPatient(JOAO);
    await app.chart.show("vitals");
    await app.tick(app.radio(vitals.asTable));
    const table = app.page.getByRole("table", { name: SATURATION, exact: true });
    const rows = table.getByRole("row");
    await until("a head and two values", async () => (await rows.count()) === 3);
    assert.match(await rows.nth(1).innerText(), /91\.0/, "the newest comes first");
    assert.match(await rows.nth(2).innerText(), /95/);
    await app.page.getByRole("table", { name: "Blood pressure", exact: true }).waitFor();
  });

  look("the timeline goes by day, the latest first, and shows one kind alone", async (app) => {
    await app.openPatient(JOAO);
    await app.chart.show("timeline");
    await app.heading("30 Oct 2026").waitFor();
    const days = await app.page.getByRole("tabpanel").getByRole("heading", { level: 2 }).allInnerTexts();
    assert.ok(days.indexOf("30 Oct 2026") < days.indexOf("28 Oct 2026"), days.join(", "));
    await app.choose(chart.timelineFilter, `${chart.kinds.Encounter} (1)`);
    await app.chart.record("Emergency room admission").getByText("Dyspnea").waitFor();
  });

  look("notes begin in the list and are read as a whole", async (app) => {
    await app.openPatient(JOAO);
    await app.chart.show("notes");
    await app.page.getByRole("button", { name: chart.noteRead("Note"), exact: true }).click();
    await app.page.getByText(words("home with a review on Monday")).first().waitFor();
    await app.page.getByRole("button", { name: chart.noteClose("Note"), exact: true }).waitFor();
  });

  look("the history of a record says who changed what, when and where, the latest first", async (app) => {
    await app.openPatient(JOAO);
    await app.chart.show("vitals");
    await app.tick(app.radio(vitals.asTable));
    const table = app.page.getByRole("table", { name: "Body weight", exact: true });
    await app.menu(table.getByRole("button", { name: words(chart.actions) }), chart.history);
    const window = app.page.getByRole("dialog", { name: words(chart.historyOf) });
    const versions = window.getByRole("listitem");
    await until("two versions", async () => (await versions.count()) === 2);
    await versions.first().getByText(chart.historyCurrent).waitFor();
    await versions.first().getByText(ANA.name).waitFor();
    await versions.first().getByText(chart.historyOn("desk")).waitFor();
    await versions.first().getByText(chart.historyChanged("valueQuantity")).waitFor();
    await versions.first().getByText(chart.raw, { exact: true }).click();
    await versions.first().getByText(words("83.10")).waitFor();
    await app.closeWindow(window);
  });

  look("who can open the chart is listed, person by person", async (app) => {
    await app.openPatient(JOAO);
    await app.chart.show("access");
    const people = app.page.getByRole("table", { name: share.people, exact: true });
    for (const { name } of [ANA, BEN]) await people.getByRole("row").filter({ hasText: name }).waitFor();
    await people.getByText(common.access.manage).first().waitFor();
  });

  look("each record says how far it has come", async (app) => {
    await app.openPatient(JOAO);
    await app.chart.isDelivered("Chronic obstructive lung disease", "sent");
    await app.page.getByText(chart.allSent).waitFor();
    await app.page.getByText(wording(chart.asOf)).waitFor();
  });
});
