// What lies on the device: after real use nothing that the browser keeps has a word of a record, a name or a password.

import { strict as assert } from "node:assert";
import { ANA, BEN } from "./support/cli.mjs";
import { JOAO, PNG } from "./support/data.mjs";
import { Needles } from "./support/needles.mjs";
import { en, words } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { scenario, TEAM } from "./support/world.mjs";

const { app: shell, enrol, files, unlock, write } = en;

const CARLA = { user: "carla-quandt", name: "Carla Quandtmeier", password: "zeppelin marmalade quartz 1931" };
const TEAM_NAME = "Nachtdienst Sonderbar";
const PATIENT = { given: "Ottokar", family: "Zwetschgenbaum", birthDate: "1951-11-27", sex: "male", number: "ZWB-77120934" };
const NAME = `${PATIENT.given} ${PATIENT.family}`;
const NOTE = "Schluckauf seit Dienstag, trinkt Kamillentee";
const HALF = "Halbsatz ohne Ende wegen Stromausfall";
const PROBLEM = "Pneumonoultramikroskopisch";
const TITLE = "Fersenwunde linksseitig";
const SEARCHED = "Zwetschgenbamu";
/** Written to every place that a page can store something in, to see that the search gets there. */
const PLANTED = "Vergissmeinnicht-Probe";
/** So many words of a code are nowhere by chance. */
const RUN = 3;
const RESOURCE = {
  resourceType: "Observation", id: "canary-obs", status: "final", code: { text: "Kanarienvogelwert" }, valueQuantity: { value: 8765.4321 },
};

/** Everything in the app that takes or shows something of a person. */
async function useEverything(world) {
  const server = await world.server();
  const tablet = await world.tablet("tablet", { server });
  const app = await tablet.start();
  const { recoveryCode, shares } = await app.createOrganisation({
    name: "Klinik Wunderhorn", member: CARLA, device: "Tablett Nummer Sieben", link: server.link,
  });
  await app.isKept();
  await app.admin.createTeam(TEAM_NAME, []);
  await app.addPatient({ ...PATIENT, team: TEAM_NAME });
  await app.openPatient(NAME);
  await app.chart.recordVitals({ systolic: "131", diastolic: "77", temperature: "38.91" });
  await app.chart.writeNote({ title: "Visite", text: NOTE });
  await app.chart.addProblem(PROBLEM);
  await app.chart.addFhir(RESOURCE);
  await app.chart.show("files");
  await app.giveFiles(app.button(files.choose), { name: "IMG_4711.png", mimeType: "image/png", buffer: PNG });
  const form = app.dialog(files.addTitle);
  await app.field(files.title, form).fill(TITLE);
  await app.button(files.add, form).click();
  await form.waitFor({ state: "hidden" });
  await app.chart.show("timeline");
  await app.button(en.chart.print).click();
  await app.page.getByRole("article").getByText(NAME).first().waitFor();
  await app.page.getByRole("link", { name: en.print.back }).click();
  const link = await app.admin.invite({ teams: [TEAM_NAME] });
  await app.exchange();
  await app.openPatients();
  await app.search(SEARCHED);
  await app.line(NAME).waitFor();
  await app.line(NAME).click();
  const draft = await app.chart.write("note");
  await app.chart.fill(draft, { [write.text]: HALF });
  await app.chart.isDrafted(draft);
  return { tablet, secrets: [...[recoveryCode, ...shares].flatMap(runs), link.split("#")[1]] };
}

/** Words of a code that come one after the other, however they were written down. */
function runs(code) {
  const words = code.split(/\s+/);
  return words.length < RUN ? [code] : words.slice(RUN - 1).map((_, at) => words.slice(at, at + RUN).join(" "));
}

const WORDS = [
  CARLA.name, CARLA.user, CARLA.password, "Quandtmeier", "Klinik Wunderhorn", "Wunderhorn", "Tablett Nummer Sieben", TEAM_NAME,
  NAME, PATIENT.family, PATIENT.birthDate, PATIENT.number, NOTE, "Schluckauf", "Kamillentee", HALF, "Halbsatz", PROBLEM, TITLE,
  "Fersenwunde", "IMG_4711", SEARCHED, "Kanarienvogelwert", "8765.4321", "canary-obs",
];

scenario("nothing of a record, a name or a password is in anything that the browser keeps", async (world) => {
  const { tablet, secrets } = await useEverything(world);
  const needles = new Needles([...WORDS, ...secrets]);

  // With the tab killed there is no chance to tidy up. What pages of this address may read is looked at without the app.
  await tablet.kill();
  const bare = await tablet.start();
  await bare.open("/version.json");
  const kept = await bare.page.evaluate(readEverything, needles.forms.map(({ bytes }) => bytes.toString("latin1")));
  assert.deepEqual([kept.local, kept.session, kept.cookies], [0, 0, ""]);
  assert.deepEqual(kept.found, []);
  assert.ok(kept.files.some(({ bytes }) => bytes > 50_000), "the vault is there, and was searched");
  assert.ok(kept.caches.length > 0 && kept.caches.every((address) => !address.includes("/v1/")), "no answer of the server is kept");
  await bare.page.evaluate(plant, PLANTED);
  await tablet.close();

  const { found, searched } = await needles.below(tablet.profile);
  assert.deepEqual(found, []);
  assert.ok(searched > 20, `${searched} files`);
  // The search finds what it looks for.
  const planted = await new Needles([PLANTED]).below(tablet.profile);
  for (const place of ["Local Storage", "IndexedDB", "File System", "CacheStorage"]) {
    assert.ok(planted.found.some((file) => file.includes(place)), `${place} was searched: ${planted.found.join("\n")}`);
  }
  const changed = [NOTE, Buffer.from(`x${CARLA.password}x`).toString("base64"), PATIENT.family.toUpperCase(), HALF.split("").join("\0")];
  for (const text of changed) assert.equal(needles.in(Buffer.from(`..${text}\0..`)).length > 0, true, text);
}, { timeout: 10 * 60_000 });

scenario("the key of the device is wrapped by a key that the browser gives to nobody", async (world) => {
  const { app } = await world.ward();
  const row = await app.page.evaluate(readSiteKey);
  assert.deepEqual(row, {
    names: ["key", "nonce", "wrapped"], extractable: false, exported: "InvalidAccessError", usages: ["decrypt", "encrypt"], wrappedBytes: 48,
  });
});

// BRW-01
scenario("a browser that does not give the key of the device back is told so, and no organisation was made", async (world) => {
  const app = await (await world.tablet("tablet", { server: await world.server() })).start();
  await app.open();
  await app.button(enrol.welcome.create).click();
  await app.field(enrol.organisation.name).fill("Harbour Clinic");
  await app.field(enrol.person.display).fill(ANA.name);
  const [worker] = app.page.workers();
  await worker.evaluate(() => {
    // As private windows do: what is stored is taken, and something else comes back.
    crypto.subtle.decrypt = () => Promise.resolve(new ArrayBuffer(32));
  });
  await app.field(enrol.person.user).fill(ANA.user);
  await app.typeNewPassword(ANA.password);
  await app.field(enrol.device.name).fill("Tablet");
  await app.button(enrol.submitCreate).click();
  await app.page.getByRole("alert").filter({ hasText: "did not keep the key of the device" }).waitFor();
  assert.equal(await app.heading(enrol.recovery.title).count(), 0);
});

scenario("the browser is asked to keep what is stored", async (world) => {
  const server = await world.server();
  const tablet = await world.tablet("tablet", { server });
  const app = await tablet.start();
  await tablet.context.addInitScript(() => {
    globalThis.askedToPersist = 0;
    const persist = StorageManager.prototype.persist;
    StorageManager.prototype.persist = function () {
      globalThis.askedToPersist += 1;
      return persist.call(this);
    };
    // Whatever this browser thinks of the matter: it has not promised yet.
    StorageManager.prototype.persisted = () => Promise.resolve(false);
  });
  await app.createOrganisation({ name: "Harbour Clinic", member: ANA, device: "Tablet", link: server.link });
  await until("it was asked", () => app.page.evaluate(() => globalThis.askedToPersist > 0));
});

// BRW-06
scenario("a second tab is told that the records are open in the first, and can take them over", async (world) => {
  const { tablet, app } = await world.ward();
  await app.openPatient(JOAO);
  const draft = await app.chart.write("note");
  await app.chart.fill(draft, { [write.text]: HALF });
  const second = await tablet.app();
  await second.open();
  await second.heading(shell.otherTab.title).waitFor();
  assert.equal(await second.button(unlock.submit).count(), 0);

  await second.button(shell.otherTab.useHere).click();
  await app.heading(shell.otherTab.title).waitFor();
  assert.equal(await app.page.getByText("Ferreira").count(), 0);
  await second.unlock(BEN);
  await second.openPatient(JOAO);
  await second.button(words(write.titleNew(write.kinds.note))).click();
  assert.equal(await second.field(write.text).inputValue(), HALF, "what was typed in the first is kept");
});

scenario("codes that are shown once stay on the screen when another tab asks for the records, which is told so", async (world) => {
  const server = await world.server();
  const tablet = await world.tablet("tablet", { server });
  const app = await tablet.start();
  await app.beginOrganisation({ name: "Harbour Clinic", member: ANA, device: "Tablet", link: server.link });
  const second = await tablet.app();
  await second.open();
  await askInVain(second);
  const { recoveryCode } = await app.keepCodes();
  assert.ok(recoveryCode.split(/\s+/).length >= 12, "the code was still there");

  await app.admin.createTeam(TEAM, []);
  const { sheet, link } = await app.admin.beginInvite({ teams: [TEAM] });
  await askInVain(second);
  assert.equal(await sheet.getByText(link).isVisible(), true);
  await app.admin.handOver();
  await second.button(shell.otherTab.useHere).click();
  await second.unlock(ANA);
  await app.heading(shell.otherTab.title).waitFor();
});

async function askInVain(app) {
  await app.heading(shell.otherTab.title).waitFor();
  await app.button(shell.otherTab.useHere).click();
  await app.says(shell.otherTab.notNow);
  await app.heading(shell.otherTab.title).waitFor();
}

/** Runs in the page: all that a page of this address can read, and which of the texts are in it. */
async function readEverything(forms) {
  const found = [];
  const look = (place, text) => {
    for (const form of forms) if (text.includes(form)) found.push(`${place}: ${form}`);
  };
  const latin1 = (bytes) => new TextDecoder("latin1").decode(bytes);
  const files = [];
  const walk = async (folder, path) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === "directory") {
        await walk(handle, `${path}/${name}`);
        continue;
      }
      const bytes = await (await handle.getFile()).arrayBuffer();
      files.push({ path: `${path}/${name}`, bytes: bytes.byteLength });
      look(`${path}/${name}`, `${name} ${latin1(bytes)}`);
    }
  };
  await walk(await navigator.storage.getDirectory(), "");

  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const textOf = (value) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return latin1(value);
    if (typeof value === "object" && value !== null) return Object.entries(value).map(([name, one]) => `${name} ${textOf(one)}`).join(" ");
    return String(value);
  };
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = await settled(database.transaction(store).objectStore(store).getAll());
      const keys = await settled(database.transaction(store).objectStore(store).getAllKeys());
      look(`${name}/${store}`, textOf([...rows, ...keys]));
    }
    database.close();
  }
  const addresses = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      addresses.push(request.url);
      look(request.url, latin1(await (await cache.match(request)).arrayBuffer()));
    }
  }
  return { local: localStorage.length, session: sessionStorage.length, cookies: document.cookie, files, caches: addresses, found };
}

/** Runs in the page: stores a text wherever a page can. */
async function plant(text) {
  localStorage.setItem("planted", text);
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const opening = indexedDB.open("planted");
  opening.onupgradeneeded = () => opening.result.createObjectStore("planted");
  const database = await settled(opening);
  await settled(database.transaction("planted", "readwrite", { durability: "strict" }).objectStore("planted").put(text, "planted"));
  database.close();
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle("planted", { create: true })).createWritable();
  await file.write(text);
  await file.close();
  const cache = await caches.open("planted");
  await cache.put("/planted", new Response(text));
}

/** Runs in the page: how the key of the device is kept. */
async function readSiteKey() {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await settled(indexedDB.open("wardbook"));
  const [row, ...others] = await settled(database.transaction("site-key").objectStore("site-key").getAll());
  database.close();
  if (others.length > 0) throw new Error("there is more than one key");
  const exported = await crypto.subtle.exportKey("raw", row.key).then(() => "given away", ({ name }) => name);
  return {
    names: Object.keys(row).sort(),
    extractable: row.key.extractable,
    exported,
    usages: [...row.key.usages].sort(),
    wrappedBytes: row.wrapped.byteLength,
  };
}
