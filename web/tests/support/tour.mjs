// Every screen and every window of the app, one after the other: for tests that hold for all of them, and for pictures.
// Each generator gives the name of what is in sight now, and tidies up when it is asked for the next.

import { ANA, BEN, EVA } from "./cli.mjs";
import { JOAO, PNG } from "./data.mjs";
import { words, wording } from "./texts.mjs";
import { TEAM } from "./world.mjs";

const PHOTO = "Wound on the left heel";
const FORMS = ["vitals", "note", "medication", "problem", "allergy", "encounter", "fhir"];
const ADMIN_PARTS = ["members", "teams", "devices", "invites", "policy", "quarantine", "extension", "security"];

/** A clinic in which every screen has something to show: photos, a conflict, a late entry. `invite` is for an administrator. */
export async function prepared(world) {
  const clinic = await world.clinic();
  const { desk } = clinic;
  await desk.run(ANA, ["attach", JOAO, await desk.write("heel.png", PNG), "--title", PHOTO]);
  const shared = await world.desk("shared");
  await shared.enrol(EVA, await desk.invite(ANA, "--team", TEAM));
  const gone = { user: "gone", name: "Gustav Olsen", password: "left without saying goodbye" };
  await shared.enrol(gone, await desk.invite(ANA, "--member-only", "--team", TEAM));
  await desk.sync(ANA);
  await desk.run(ANA, ["edit", "Condition/joao-copd", "--set", "onsetDateTime=\"2013\""]);
  await shared.run(EVA, ["edit", "Condition/joao-copd", "--set", "onsetDateTime=\"2012\""]);
  await shared.run(gone, ["edit", "Patient/mirela-ionescu", "--set", "maritalStatus.text=married"]);
  await desk.run(ANA, ["member", "retire", gone.user]);
  await shared.sync(EVA);
  await desk.sync(ANA);
  return { ...clinic, invite: () => desk.invite(ANA, "--role", "admin", "--team", TEAM) };
}

/** All of the app, in a browser that has no vault yet; `invite` gives a link for an administrator. */
export async function* everyStop(app, invite) {
  yield* outsideStops(app);
  await app.enrol(await invite(), BEN, "tablet");
  yield* insideStops(app);
  await app.lock();
  yield* lockedStops(app);
}

async function* outsideStops(app) {
  const { common, enrol } = app.texts;
  await app.open();
  await app.heading(enrol.welcome.title).waitFor();
  yield "welcome";
  await app.button(enrol.welcome.create).click();
  await app.field(enrol.organisation.name).waitFor();
  yield "create-organisation";
  await app.button(common.back).click();
  await app.button(enrol.welcome.join).click();
  await app.field(enrol.link.label).waitFor();
  yield "join";
}

/** With somebody's vault, locked. */
async function* lockedStops(app) {
  const { common, unlock } = app.texts;
  await app.isLocked();
  yield "unlock";
  await app.button(unlock.recover.link).click();
  await app.heading(unlock.recover.title).waitFor();
  yield "recover";
  await app.button(common.back).click();
  await app.button(unlock.joinHere.link).click();
  await app.field(app.texts.enrol.link.label).waitFor();
  yield "join-here";
  await app.button(common.back).click();
  await app.isLocked();
}

/** Unlocked, for an administrator. */
async function* insideStops(app) {
  yield* patientStops(app);
  yield* chartStops(app);
  yield* formStops(app);
  yield* handoverStops(app);
  yield* taskStops(app);
  yield* adminStops(app);
  yield* deviceStops(app);
}

async function* patientStops(app) {
  const { common, patients } = app.texts;
  await app.openPatients();
  await app.line(JOAO).waitFor();
  yield "patients";
  await app.search("nobody of this name");
  await app.heading(patients.noMatchTitle).waitFor();
  yield "patients-none";
  await app.search("");
  const form = await app.beginPatient({ given: "Joao", family: "Fereira", birthDate: "1957-03-02" });
  await form.getByText(patients.duplicatesMaybe).waitFor();
  yield "register-patient";
  await app.button(patients.register, form).click();
  const question = app.dialog(patients.duplicatesTitle);
  await question.getByText(JOAO).waitFor();
  yield "likely-duplicate";
  await app.button(patients.backToForm, question).click();
  for (const label of [patients.family, patients.given, patients.birthDate]) await app.field(label, form).fill("");
  await app.button(common.cancel, form).click();
  await app.button(patients.import).click();
  const window = app.dialog(patients.importTitle);
  await window.waitFor();
  yield "import";
  await app.button(common.cancel, window).click();
}

async function* chartStops(app) {
  const { chart, common, files, share, vitals } = app.texts;
  await app.openPatient(JOAO);
  yield "chart-summary";
  await app.chart.show("vitals");
  await app.page.getByRole("slider").first().waitFor();
  yield "chart-vitals";
  await app.tick(app.radio(vitals.asTable));
  await app.page.getByRole("table").first().waitFor();
  yield "chart-vitals-table";
  await app.chart.show("timeline");
  await app.page.getByText(wording(chart.timelineShown)).waitFor();
  yield "chart-timeline";
  await app.chart.show("notes");
  await app.page.getByRole("button", { name: wording(chart.noteRead) }).first().click();
  yield "chart-notes";
  await app.chart.show("files");
  await app.button(common.openRow(PHOTO)).click();
  const file = app.dialog(PHOTO);
  await file.getByRole("img", { name: PHOTO }).waitFor();
  yield "chart-file";
  await app.closeWindow(file);
  yield "chart-files";
  await app.giveFiles(app.button(files.choose), { name: "foot.png", mimeType: "image/png", buffer: PNG });
  const adding = app.dialog(files.addTitle);
  await adding.getByRole("img", { name: files.preview }).waitFor();
  yield "chart-add-file";
  await app.button(common.cancel, adding).click();
  await app.chart.show("access");
  await app.page.getByRole("table", { name: share.people }).waitFor();
  yield "chart-access";
  await app.button(share.revokeLabel(TEAM)).click();
  const revoke = app.dialog(share.revokeTitle(TEAM));
  await revoke.waitFor();
  yield "chart-revoke";
  await app.closeWindow(revoke);
  await app.chart.show("summary");
  const window = await app.chart.history("tiotropium");
  yield "chart-history";
  await app.closeWindow(window);
}

async function* formStops(app) {
  const { write } = app.texts;
  for (const name of FORMS) {
    const form = await app.chart.write(name);
    if (name === "vitals") await app.chart.fill(form, { [write.vitals.heartRate]: "300" });
    yield `write-${name}`;
    if (name === "vitals") await app.chart.fill(form, { [write.vitals.heartRate]: "" });
    await app.closeWindow(form);
  }
  const form = await app.chart.edit("tiotropium", "MedicationRequest");
  yield "write-edit";
  await app.closeWindow(form);
}

async function* handoverStops(app) {
  const { chart, common, print } = app.texts;
  await app.button(chart.print).click();
  await app.page.getByRole("article", { name: print.sheet }).waitFor();
  yield "handover";
  await app.menu(app.button(print.saveFhir), print.save.summary);
  const question = app.dialog(print.saveTitle);
  await question.waitFor();
  yield "handover-save";
  await app.button(common.cancel, question).click();
  await app.page.getByRole("link", { name: print.back }).click();
}

async function* taskStops(app) {
  await app.goTo("tasks");
  await app.tasks.conflict(JOAO).waitFor();
  yield "tasks";
  await app.tasks.openConflict(JOAO);
  yield "conflict";
  await app.tick(app.tasks.valueOf(EVA.name));
  yield "conflict-chosen";
  await app.button(app.texts.conflicts.later).click();
}

async function* adminStops(app) {
  const { admin, common } = app.texts;
  for (const part of ADMIN_PARTS) {
    await app.admin.show(part);
    yield `admin-${part}`;
  }
  await app.admin.show("members");
  await app.menu(app.button(admin.members.menu(EVA.name)), admin.members.changeRole);
  const role = app.dialog(admin.members.roleTitle(EVA.name));
  await role.waitFor();
  yield "admin-change-role";
  await app.button(common.cancel, role).click();
  await app.menu(app.button(admin.members.menu(EVA.name)), admin.members.retire);
  const retire = app.dialog(admin.members.retireTitle(EVA.name));
  await retire.waitFor();
  yield "admin-retire";
  await app.button(common.cancel, retire).click();
  await app.admin.show("teams");
  await app.button(admin.teams.create).click();
  const team = app.dialog(admin.teams.create);
  await team.waitFor();
  yield "admin-new-team";
  await app.button(common.cancel, team).click();
  await app.admin.show("invites");
  await app.button(admin.invites.submit).click();
  await app.region(admin.invites.sheetTitle).waitFor();
  yield "admin-invite-sheet";
  await app.admin.handOver();
}

async function* deviceStops(app) {
  await app.exchange();
  yield "exchange";
  await app.openTechnical();
  await app.page.getByText(words(app.texts.technical.build)).first().waitFor();
  yield "technical";
  await app.openSettings();
  yield "settings";
  await app.openPatients();
}

