// Coming in: making an organisation, joining it, unlocking with and without a network, and locking.

import { strict as assert } from "node:assert";
import { ANA, BEN, EVA, IDA } from "./support/cli.mjs";
import { JOAO } from "./support/data.mjs";
import { en, words, wording } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { scenario, TEAM } from "./support/world.mjs";

const { app: shell, enrol, errors, unlock, write } = en;
/** Guesses without any wait, and some more: a wait that is over is none. */
const WAIT_SECS_MIN = 8;

async function cutOff({ server, tablet }) {
  await server.kill();
  await tablet.setOffline(true);
}

scenario("an organisation is made in the app, with a code and sheets for paper, and is on the server", async (world) => {
  const server = await world.server();
  const app = await (await world.tablet("first tablet", { server })).start();
  const { recoveryCode, shares } = await app.createOrganisation({ name: "Harbour Clinic", member: ANA, device: "Tablet 1", link: server.link });
  assert.ok(recoveryCode.split(/\s+/).length >= 12, "a recovery code is words");
  assert.equal(new Set(shares).size, 3);
  assert.equal(new URL(app.page.url()).hash, "", "the link is out of the address");
  await app.heading(en.patients.title).waitFor();
  await app.exchange();
});

scenario("nobody goes on before they say that the code is on paper", async (world) => {
  const app = await (await world.tablet("tablet", { server: await world.server() })).start();
  await app.open();
  await app.button(enrol.welcome.create).click();
  await app.field(enrol.organisation.name).fill("Harbour Clinic");
  await app.field(enrol.person.display).fill(ANA.name);
  await app.field(enrol.person.user).fill(ANA.user);
  await app.field(enrol.device.name).fill("Tablet 1");
  const create = app.button(enrol.submitCreate);
  await app.typeNewPassword("too short");
  assert.equal(await create.isDisabled(), true, "fifteen characters at least");
  await app.field(enrol.password.label).fill(ANA.password);
  await app.says(enrol.password.differ);
  assert.equal(await create.isDisabled(), true, "the same twice");
  await app.typeNewPassword(ANA.password);
  await create.click();
  const goOn = app.button(enrol.recovery.goOn);
  await goOn.waitFor({ timeout: 120_000 });
  assert.equal(await goOn.isDisabled(), true);
  await app.keepCodes();
  await app.goTo("sync");
  await app.says(en.sync.noServer);
});

scenario("a second browser joins by a link that the app of the first has made", async (world) => {
  const server = await world.server();
  const first = await (await world.tablet("first tablet", { server })).start();
  await first.createOrganisation({ name: "Harbour Clinic", member: ANA, device: "Tablet 1", link: server.link });
  await first.admin.createTeam(TEAM, []);
  await first.addPatient({ given: "Amina", family: "Quillfeather", birthDate: "1984-03-07", team: TEAM });
  await first.exchange();
  const link = await first.admin.invite({ teams: [TEAM] });

  const second = await (await world.tablet("second tablet", { server })).start();
  const code = await second.enrol(link, BEN, "Tablet 2");
  assert.ok(code.length > 20);
  assert.equal(new URL(second.page.url()).hash, "");
  await second.openPatient("Amina Quillfeather");

  await first.exchange();
  await first.admin.show("members");
  await first.page.getByRole("row").filter({ hasText: BEN.name }).waitFor();
  await first.admin.show("devices");
  await first.page.getByRole("row").filter({ hasText: "Tablet 2" }).waitFor();
});

scenario("a browser joins by a link of the command line, once", async (world) => {
  const { server, desk } = await world.clinic();
  const link = await desk.invite(ANA, "--team", TEAM);
  const app = await (await world.tablet("ward tablet", { server })).start();
  await app.enrol(link, BEN, "ward tablet");
  await app.openPatient(JOAO);

  const late = await (await world.tablet("late tablet", { server })).start();
  await late.open(link);
  await late.field(enrol.person.display).fill(EVA.name);
  await late.field(enrol.person.user).fill(EVA.user);
  await late.typeNewPassword(EVA.password);
  await late.field(enrol.device.name).fill("late tablet");
  await late.button(enrol.submitJoin).click();
  await late.page.getByRole("alert").waitFor();
  assert.equal(await late.heading(enrol.recovery.title).isVisible(), false, "an invite is used once");
});

scenario("without a network: loaded again, closed and started again, unlocked and read", async (world) => {
  const { server, tablet, app } = await world.ward();
  await app.openPatient(JOAO);
  await app.isKept();
  await cutOff({ server, tablet });

  await app.page.reload();
  await app.says(unlock.offline);
  await app.unlock(BEN);
  await app.openPatient(JOAO);

  await tablet.close();
  const again = await tablet.start();
  await tablet.setOffline(true);
  await again.open();
  await again.unlock(BEN);
  await again.openPatient(JOAO);
  await until("it says that it is offline", async () => (await again.syncChip().getAttribute("aria-label")).includes(en.sync.chip.offline));
});

scenario("two members share one device, and each unlocks and switches without a network", async (world) => {
  const { server, desk, tablet, app } = await world.ward();
  await desk.run(ANA, ["team", "create", "Day crew", ANA.user]);
  const link = await desk.invite(ANA, "--member-only", "--team", "Day crew");
  await app.lock();
  await app.joinHere(link, EVA);
  await app.openPatients();
  assert.equal(await app.line(JOAO).count(), 0, "Eva is in another team");
  await app.isKept();
  await cutOff({ server, tablet });

  await app.switchTo(BEN);
  await app.openPatient(JOAO);
  await app.switchTo(EVA);
  // Somebody else begins at the list, and not at the chart of whoever was here.
  await app.heading(en.patients.title).waitFor();
  await app.search(JOAO);
  await app.heading(en.patients.noMatchTitle).waitFor();
  await app.lock();
  for (const { name } of [BEN, EVA]) assert.equal(await app.button(name).isVisible(), true, "two taps and the password");
  await app.unlock(BEN);
});

scenario("a wrong password is told as such, and several make everybody wait", async (world) => {
  const { app } = await world.ward();
  await app.lock();
  const wrong = { ...BEN, password: "a wrong password, long enough" };
  assert.equal(await app.unlocks(wrong), false);
  await app.says(errors.wrongPassword);
  assert.equal(await app.unlocks({ user: "nobody", name: "Nobody", password: BEN.password }), false);
  await app.says(errors.wrongPassword);

  const waits = app.text(wording(errors.tooSoon));
  // Long enough that the next try falls into it.
  const seconds = await until("the wait is long", async () => {
    assert.equal(await app.unlocks(wrong), false);
    const named = Number(/\d+/.exec(await waits.innerText({ timeout: 1000 }))[0]);
    return named >= WAIT_SECS_MIN && named;
  });
  const start = performance.now();
  assert.equal(await app.unlocks(BEN), false, "the right password has to wait, too");
  await until("the wait is over", () => app.unlocks(BEN));
  // What is said is rounded up, and the clock of the wait began before it was shown.
  assert.ok(performance.now() - start > (seconds - 2) * 1000, `whoever it is has to wait ${seconds} seconds`);
});

scenario("it locks by itself after inactivity, with a warning, and keeps what was typed", async (world) => {
  const { app } = await world.ward();
  const { clock } = app.page;
  await clock.install();
  await app.open();
  await app.unlock(BEN);
  await app.openPatient(JOAO);
  const form = await app.chart.write("note");
  await app.chart.fill(form, { [write.text]: "half a sentence about" });

  await clock.fastForward("04:40");
  const warning = app.dialog(shell.idle.title);
  await app.button(shell.idle.stay, warning).click();
  await warning.waitFor({ state: "hidden" });
  await clock.fastForward("05:10");
  await app.isLocked();
  assert.equal(await app.page.getByText(JOAO).count(), 0);

  await app.unlock(BEN);
  await app.button(words(write.titleNew(write.kinds.note))).click();
  assert.equal(await app.field(write.text).inputValue(), "half a sentence about");
});

scenario("it locks on demand, and nothing of the records stays on the screen", async (world) => {
  const { app } = await world.ward();
  await app.openPatient(JOAO);
  await app.lock();
  const shown = await app.page.evaluate(() => document.documentElement.outerHTML);
  assert.ok(!shown.includes("Ferreira") && !shown.includes("penicillin"));
  assert.ok(!(await app.page.title()).includes("Ferreira"));
});

scenario("a forgotten password is replaced with the recovery code, without a network, once", async (world) => {
  const clinic = await world.clinic();
  const tablet = await world.tablet("ward tablet", { server: clinic.server });
  const app = await tablet.start();
  const code = await app.enrol(await clinic.desk.invite(ANA, "--team", TEAM), BEN, "ward tablet");
  await app.isKept();
  await app.lock();
  await cutOff({ ...clinic, tablet });

  const useCode = async (words) => {
    await app.button(unlock.recover.link).click();
    await app.field(unlock.user).fill(BEN.user);
    await app.field(unlock.recover.code).fill(words);
    await app.typeNewPassword(IDA.password);
    await app.button(unlock.recover.submit).click();
  };
  await useCode(code);
  const { recoveryCode } = await app.keepCodes();
  assert.notEqual(recoveryCode, code);
  await app.openPatient(JOAO);
  await app.lock();
  assert.equal(await app.unlocks(BEN), false);
  await app.says(errors.wrongPassword);
  await useCode(code);
  await app.says(errors.wrongCode);
  await app.open();
  await app.unlock({ ...BEN, password: IDA.password });
});
