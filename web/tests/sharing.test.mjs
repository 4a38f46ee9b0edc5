// Who may see what: charts, teams, members, devices, invites, rules, and what waits to be admitted.

import { strict as assert } from "node:assert";
import { ANA, BEN, EVA, IDA } from "./support/cli.mjs";
import { JOAO } from "./support/data.mjs";
import { Stock } from "./support/stock.mjs";
import { en, words } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { scenario, TEAM } from "./support/world.mjs";

const { admin, app: shell, common, quarantine, share } = en;
const NO_ACCESS = 4;

const OFFICE = new Stock(async (world) => {
  const server = await world.server();
  const tablet = await world.tablet("office", { server });
  const app = await tablet.start();
  await app.createOrganisation({ name: "Harbour Clinic", member: ANA, device: "office", link: server.link });
  await app.admin.createTeam(TEAM, []);
  await app.isKept();
  // Nothing is on its way when all of them end.
  await app.exchange();
  return { server, tablet };
});

/** Ana's organisation, made in her browser, with a team. */
function office(world) {
  return world.restored(OFFICE, "office", ANA);
}

/** A member who joins at a desk of their own, by an invite that the office makes. */
async function joins(world, app, member, options) {
  const desk = await world.desk(member.user);
  await desk.enrol(member, await app.admin.invite(options));
  await app.exchange();
  return desk;
}

scenario("a chart is shared with somebody, more and less of it, and taken back", async (world) => {
  const { desk, app } = await world.ward();
  const eva = await world.desk("eva");
  await eva.enrol(EVA, await desk.invite(ANA));
  const edit = ["edit", "Patient/joao-ferreira", "--set", "active=true"];
  await eva.run(EVA, ["chart", JOAO], { code: NO_ACCESS });
  await app.exchange();

  await app.openPatient(JOAO);
  await app.chart.grant(EVA.name, "read");
  await app.page.getByRole("table", { name: share.people }).getByRole("row").filter({ hasText: EVA.name }).waitFor();
  await app.exchange();
  await eva.sync(EVA);
  await eva.run(EVA, ["chart", JOAO]);
  await eva.run(EVA, edit, { code: NO_ACCESS });

  await app.openPatient(JOAO);
  await app.chart.show("access");
  await app.button(share.changeLabel(EVA.name)).click();
  const change = app.dialog(share.changeOf(EVA.name));
  await app.tick(app.radio(common.access.write, change));
  await app.button(share.changeTitle, change).click();
  await app.says(share.changed(EVA.name, common.access.write));
  await app.exchange();
  await eva.sync(EVA);
  await eva.run(EVA, edit);
  await eva.sync(EVA);

  await app.openPatient(JOAO);
  await app.chart.revoke(EVA.name);
  await app.says(share.revoked(EVA.name));
  await app.exchange();
  await eva.sync(EVA);
  await eva.run(EVA, ["chart", JOAO], { code: NO_ACCESS });
  await desk.sync(ANA);
  const { epoch, grants } = await desk.json(ANA, ["access", JOAO]);
  assert.equal(epoch, 2, "the chart has a new key");
  assert.ok(!grants.some(({ grantee }) => grantee === EVA.user));
});

scenario("the last who decides about a chart cannot be taken out", async (world) => {
  const { app } = await world.ward();
  await app.openPatient(JOAO);
  await app.chart.show("access");
  await app.button(share.revokeLabel(TEAM)).click();
  const answer = app.dialog(share.revokeTitle(TEAM));
  await answer.getByText(share.lastManager).waitFor();
  assert.equal(await app.button(share.revoke, answer).count(), 0);
});

scenario("teams are made, and people put in and taken out", async (world) => {
  const { app } = await office(world);
  const ben = await joins(world, app, BEN, { teams: [TEAM] });
  await app.admin.createTeam("Day crew", [BEN.name]);
  await app.addPatient({ given: "Amina", family: "Quillfeather", team: "Day crew" });
  await app.exchange();
  await ben.sync(BEN);
  await ben.run(BEN, ["chart", "Quillfeather"]);

  await app.admin.removeFromTeam("Day crew", BEN.name);
  await app.exchange();
  await ben.sync(BEN);
  await ben.run(BEN, ["chart", "Quillfeather"], { code: NO_ACCESS });

  await app.admin.addToTeam("Day crew", BEN.name);
  await app.exchange();
  await ben.sync(BEN);
  await ben.run(BEN, ["chart", "Quillfeather"]);
});

scenario("roles change, and who is retired opens nothing any more", async (world) => {
  const { app } = await office(world);
  const ben = await joins(world, app, BEN, { teams: [TEAM] });
  await app.admin.setRole(BEN.name, "officer");
  await ben.sync(BEN);
  const members = await ben.json(BEN, ["member", "list"]);
  assert.equal(members.find(({ user }) => user === BEN.user).role, "officer");

  await app.menu(app.button(admin.members.menu(ANA.name)), admin.members.changeRole);
  await app.dialog(admin.members.roleTitle(ANA.name)).getByText(admin.members.lastAdmin).waitFor();
  await app.closeWindow(app.dialog(admin.members.roleTitle(ANA.name)));

  await app.admin.retireMember(BEN.name);
  await ben.run(BEN, ["sync"], { code: 3 });
  await app.tick(app.checkbox(admin.members.leftToo));
  await app.page.getByRole("row").filter({ hasText: BEN.name }).getByText(admin.members.left).waitFor();
});

scenario("a device is retired, wipes its keys when it hears of it, and may join anew", async (world) => {
  const clinic = await world.clinic();
  const { tablet, app } = await world.joined(clinic, BEN, { name: "lost tablet" });
  const office = await world.tablet("office", { server: clinic.server });
  const ana = await office.start();
  await ana.enrol(await clinic.desk.invite(ANA, "--role", "admin"), IDA, "office");
  await ana.admin.retireDevice("lost tablet");
  await ana.tick(ana.checkbox(admin.devices.retiredToo));
  await ana.page.getByRole("row").filter({ hasText: "lost tablet" }).getByText(admin.devices.retired, { exact: true }).waitFor();

  // The server tells that there is something new, and the exchange that follows says what.
  await app.heading(shell.unusable.title).waitFor();
  await app.says(shell.unusable.noSiteKey);
  await tablet.close();
  const again = await tablet.start();
  await again.open();
  await again.heading(shell.unusable.title).waitFor();
  await again.enrolDevice(await clinic.desk.invite(ANA, "--device-only"), "found tablet");
  await again.unlock(BEN);
  await again.openPatient(JOAO);
});

scenario("a device holds the charts of chosen teams alone, and gets the others back", async (world) => {
  const clinic = await world.clinic();
  await clinic.desk.run(ANA, ["team", "create", "Day crew", ANA.user]);
  const { app } = await world.joined(clinic, BEN, { teams: [TEAM, "Day crew"] });
  const { caseload } = admin;
  await app.admin.show("devices");
  await app.tick(app.radio(caseload.some));
  await app.tick(app.checkbox("Day crew"));
  await app.button(caseload.save).click();
  await app.says(caseload.saved);
  await app.exchange();
  await app.openPatients();
  await app.search(JOAO);
  await app.heading(en.patients.noMatchTitle).waitFor();

  await app.admin.show("devices");
  await app.tick(app.radio(caseload.all));
  await app.button(caseload.save).click();
  await app.exchange();
  await app.openPatient(JOAO);
});

scenario("invites are listed as they are used and withdrawn, and a withdrawn one opens nothing", async (world) => {
  const { app } = await office(world);
  const used = await app.admin.invite({ teams: [TEAM] });
  const withdrawn = await app.admin.invite({ role: "reader" });
  assert.notEqual(used, withdrawn);
  const ben = await world.desk("ben");
  await ben.enrol(BEN, used);
  await app.exchange();
  await app.admin.withdrawInvites();
  await app.says(admin.invites.withdrawn(1));
  const list = app.page.getByRole("table", { name: admin.invites.list });
  for (const state of ["used", "withdrawn"]) await list.getByText(admin.invites.states[state], { exact: true }).waitFor();
  const eva = await world.desk("eva");
  await assert.rejects(eva.enrol(EVA, withdrawn));
});

scenario("rules hold for the next password and the next lease", async (world) => {
  const { app } = await office(world);
  await app.admin.setPolicy({ passwordChars: 24, leaseHours: 24 });
  const ben = await joins(world, app, BEN, { teams: [TEAM] });
  const short = await world.desk("short");
  await assert.rejects(short.enrol({ ...EVA, password: "sixteen letters." }, await app.admin.invite()), /24/);
  const { untilMs } = await ben.json(BEN, ["lease"]);
  assert.ok(untilMs - Date.now() < 25 * 3600_000);

  await app.openSettings();
  const card = app.region(en.unlock.changePassword.title);
  const change = app.button(en.unlock.changePassword.title, card);
  await app.typeNewPassword("sixteen letters.", card);
  assert.equal(await change.isDisabled(), true);
  await app.typeNewPassword(IDA.password, card);
  await change.click();
  await app.says(en.unlock.changePassword.changed);
  await app.lock();
  assert.equal(await app.unlocks(ANA), false);
  await app.unlock({ ...ANA, password: IDA.password });
});

scenario("who may not change members is told who may", async (world) => {
  const { app } = await world.ward();
  for (const part of ["members", "teams", "devices", "invites", "policy"]) {
    await app.admin.show(part);
    await app.says(admin.adminsOnly(ANA.name));
  }
  assert.equal(await app.button(admin.policy.save).count(), 0);
});

scenario("changes of members need the server, and say so", async (world) => {
  const { server, app } = await office(world);
  await server.kill();
  await app.goTo("sync");
  await app.button(en.sync.now).click();
  await app.page.getByText(words(en.sync.stateOffline)).waitFor();
  await app.admin.show("teams");
  await app.says(admin.offline.title);
  await app.button(admin.teams.create).click();
  const form = app.dialog(admin.teams.create);
  await app.field(admin.teams.name, form).fill("Day crew");
  await app.button(admin.teams.submit, form).click();
  await form.getByText(admin.noAnswer.title).waitFor();
});

scenario("an officer decides about late entries without being able to read them", async (world) => {
  const clinic = await world.clinic();
  const { desk } = clinic;
  const shared = await world.desk("shared");
  await shared.enrol(BEN, await desk.invite(ANA, "--team", TEAM));
  await shared.enrol(EVA, await desk.invite(ANA, "--member-only", "--team", TEAM));
  await desk.sync(ANA);
  // What Ben writes goes out after he was retired, with somebody else's exchange.
  await shared.run(BEN, ["edit", "Patient/joao-ferreira", "--set", "maritalStatus.text=admitted"]);
  await shared.run(BEN, ["edit", "Patient/mirela-ionescu", "--set", "maritalStatus.text=set aside"]);
  await desk.run(ANA, ["member", "retire", BEN.user]);
  assert.equal((await shared.sync(EVA)).quarantined, 2);

  const { app } = await world.joined(clinic, IDA, { role: "officer", teams: [], name: "office" });
  const waiting = app.page.getByRole("link", { name: words(shell.tasksWaiting) });
  await waiting.waitFor();
  await app.admin.show("quarantine");
  const cards = app.page.getByRole("region", { name: quarantine.noPatient, exact: true });
  await until("two charts", async () => (await cards.count()) === 2);
  assert.equal(await app.page.getByText("Ferreira").count(), 0);
  await cards.first().getByText(quarantine.why.afterAccessLost).waitFor();

  await app.button(quarantine.admitAllOf(1), cards.first()).click();
  await app.button(quarantine.admit, app.dialog(quarantine.admitTitle(1))).click();
  await app.says(quarantine.admitted(1));
  await until("one chart is left", async () => (await cards.count()) === 1);
  await app.button(quarantine.rejectAllOf(1), cards.first()).click();
  await app.heading(quarantine.none).waitFor();
  await app.exchange();
  await desk.sync(ANA);
  const texts = await Promise.all(["joao-ferreira", "mirela-ionescu"].map((id) => desk.run(ANA, ["get", `Patient/${id}`])));
  assert.equal(texts.filter((text) => /admitted|set aside/.test(text)).length, 1, "one of them counts");
  await app.admin.show("quarantine");
  await app.tick(app.checkbox(quarantine.decidedToo));
  await app.page.getByText(quarantine.decidedAdmitted, { exact: true }).waitFor();
  await app.page.getByText(quarantine.decidedRejected, { exact: true }).waitFor();
});
