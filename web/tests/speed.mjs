// How long a person waits, and whether that is within the limits: Markdown on standard output, progress on standard error.
//
//   WARDBOOK=../target/release/wardbook node tests/speed.mjs > results.md

import { cpus } from "node:os";
import { ANA, BEN } from "./support/cli.mjs";
import { JOAO, patients as generated, pulses } from "./support/data.mjs";
import { get } from "./support/http.mjs";
import { en } from "./support/texts.mjs";
import { longTasks, opening, typing, watchTasks } from "./support/timing.mjs";
import { TEAM, World } from "./support/world.mjs";

const CHARTS = 10_000;
const RESOURCES = 1_000;
/** Who gets so many: each chart is opened for the first time once. */
const LONG = [[JOAO, "joao-ferreira"], ["Mirela Ana Ionescu", "mirela-ionescu"], ["Oskar Brandt", "oskar-brandt"]];
const IMPORTED = 500;
const ROUNDS = 5;
const TYPED = ["Giannopoulos", "Jelena"];
const PAGE = "/index.html";
/** Beside the page and what it names, what the vault takes to start and the words of one language: as `build/sealShell.ts` counts. */
const VAULT = [/^\/assets\/worker-[^/]+\.js$/, /^\/assets\/wardbook_wasm_bg-[^/]+\.wasm$/];
const TEXTS = /^\/assets\/first-[^/]+\.js$/;

const LIMITS = { firstLoadBytes: 1_000_000, startMs: 1000, listMs: 2000, chartMs: 200, letterMs: 50, taskMs: 50 };

const rows = [];
const world = new World();
let browser;
try {
  await measure();
} finally {
  await world.end();
}
const [{ model }] = cpus();
console.log(`${browser} on ${cpus().length} processors (${model}); ${CHARTS} charts, on a server of the same machine.\n`);
console.log(["| what | median | worst | limit | held |", "| --- | ---: | ---: | ---: | --- |", ...rows].join("\n"));

async function measure() {
  const clinic = await world.newClinic();
  const { server, desk } = clinic;
  await firstLoad(server);
  say(`importing ${CHARTS} charts at the desk`);
  await desk.run(ANA, ["import", await desk.write("many.ndjson", generated(CHARTS)), "--team", TEAM]);
  const long = LONG.map(([, id]) => pulses(id, RESOURCES)).join("\n");
  await desk.run(ANA, ["import", await desk.write("pulses.ndjson", long)]);
  await desk.sync(ANA);
  const { tablet, app } = await joining(clinic);
  browser = `Chromium ${app.page.context().browser().version()}`;
  await unlocking(app);
  await searching(app);
  await openingCharts(app);
  await importing(app);
  await startingOffline({ server, tablet, app });
}

/** What a slow line has to carry before anybody can unlock, and what comes after that: packed, as it is served. */
async function firstLoad(server) {
  const page = (await get(`${server.base}${PAGE}`)).body.toString();
  const named = new Set(Array.from(page.matchAll(/\s(?:src|href)="(\/assets\/[^"]+)"/g), ([, path]) => path));
  const { files } = JSON.parse((await get(`${server.base}/version.json`)).body);
  const sizes = await Promise.all(
    Object.keys(files).map(async (path) => ({ path, bytes: (await get(`${server.base}${path}`, { "accept-encoding": "br" })).body.length })),
  );
  const sum = (counts) => sizes.filter(({ path }) => counts(path)).reduce((total, { bytes }) => total + bytes, 0);
  const isFirst = (path) => path === PAGE || named.has(path) || VAULT.some((pattern) => pattern.test(path));
  const texts = sizes.filter(({ path }) => TEXTS.test(path)).map(({ bytes }) => bytes);
  row("first load, packed with Brotli", [sum(isFirst) + Math.max(...texts)], { unit: "bytes", limit: LIMITS.firstLoadBytes });
  row("of it the vault's own code", [sum((path) => isFirst(path) && path.endsWith(".wasm"))], { unit: "bytes" });
  row("all files of the app", [sum(() => true)], { unit: "bytes" });
}

async function joining(clinic) {
  say("joining, which fetches every chart");
  const tablet = await world.tablet("tablet", { server: clinic.server });
  const app = await tablet.start();
  const link = await clinic.desk.invite(ANA, "--team", TEAM);
  const start = performance.now();
  await app.enrol(link, BEN, "tablet");
  await app.exchange();
  row(`joining and fetching ${CHARTS} charts`, [performance.now() - start]);
  return { tablet, app };
}

/** A wrong password costs the password step and nothing else; what is more is the list. */
async function unlocking(app) {
  say("unlocking");
  await app.open();
  const [steps, unlocked] = [[], []];
  await watchTasks(app);
  for (let round = 0; round < ROUNDS; round += 1) {
    await app.isLocked();
    let start = performance.now();
    if (await app.unlocks({ ...BEN, password: "a wrong password, long enough" })) throw new Error("it is the right one");
    steps.push(performance.now() - start);
    start = performance.now();
    await app.tryToUnlock(BEN);
    await app.line("").first().waitFor();
    unlocked.push(performance.now() - start);
    await app.lock();
  }
  row("the password step alone, failing", steps);
  const step = median(steps);
  const beside = unlocked.map((all) => Math.max(all - step, 0));
  row(`from unlocking to a list of ${CHARTS} charts that can be searched, beside that step`, beside, { limit: LIMITS.listMs });
  await tasksOf("unlocking", app);
  await app.unlock(BEN);
}

async function searching(app) {
  say("typing");
  await app.syncSays(en.sync.chip.done);
  const letters = [];
  for (const text of TYPED) {
    await app.openPatients();
    await app.search("");
    await app.lines();
    letters.push(...(await typing(app.field(en.patients.searchLabel), text, en.patients.listLabel)));
    // Another visit has another field.
    await app.goTo("tasks");
  }
  row(`a letter typed into the search, until the list of ${CHARTS} is its answer`, letters, { limit: LIMITS.letterMs });
}

async function openingCharts(app) {
  say("opening");
  const [first, again] = [[], []];
  for (const times of [first, again]) {
    for (const [name] of LONG) {
      await app.openPatients();
      await app.search(name);
      await app.line(name).first().waitFor();
      times.push(await opening(app.line(name).first(), en.chart.problems));
    }
  }
  row(`opening a chart of ${RESOURCES} resources for the first time`, first, { limit: LIMITS.chartMs });
  row("opening it again", again, { limit: LIMITS.chartMs });
}

async function importing(app) {
  say("importing in the app");
  await watchTasks(app);
  const start = performance.now();
  const lines = generated(IMPORTED).replaceAll("generated-", "imported-");
  const file = { name: "more.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(lines) };
  await app.closeWindow(await app.importFiles([file]));
  row(`importing ${IMPORTED} patients`, [performance.now() - start]);
  await tasksOf("importing", app);
  await watchTasks(app);
  const exchange = performance.now();
  await app.exchange();
  row("exchanging them", [performance.now() - exchange]);
  await tasksOf("exchanging", app);
}

async function startingOffline({ server, tablet, app }) {
  say("starting without a network");
  await app.isKept();
  await server.kill();
  const starts = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await tablet.close();
    const again = await tablet.start();
    await tablet.setOffline(true);
    const start = performance.now();
    await again.open();
    await again.isLocked();
    starts.push(performance.now() - start);
  }
  row("from the address to the locked screen, without a network", starts, { limit: LIMITS.startMs });
}

/** Tasks that are within the limit are not told of. */
async function tasksOf(what, app) {
  const tasks = await longTasks(app);
  row(`tasks of the page while ${what}: ${tasks.length} above ${LIMITS.taskMs} ms`, tasks, { limit: LIMITS.taskMs });
}

function row(what, values, { unit = "ms", limit } = {}) {
  const worst = Math.max(...values);
  const cells = [values.length > 0 ? shown(median(values), unit) : "–", values.length > 1 ? shown(worst, unit) : ""];
  const bound = limit === undefined ? ["", ""] : [shown(limit, unit), worst <= limit ? "yes" : "**no**"];
  rows.push(`| ${[what, ...cells, ...bound].join(" | ")} |`);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function shown(value, unit) {
  return unit === "ms" ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(0)} kB`;
}

function say(what) {
  console.error(`${what} …`);
}
