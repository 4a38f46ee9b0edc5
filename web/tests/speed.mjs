// How long a person waits: a Markdown table on standard output, progress on standard error.
//
//   WARDBOOK=../target/release/wardbook node tests/speed.mjs > results.md

import { ANA, BEN } from "./support/cli.mjs";
import { patients as generated, pulses } from "./support/data.mjs";
import { get } from "./support/http.mjs";
import { en } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { TEAM, World } from "./support/world.mjs";

const JOAO = "João Ferreira";
const CHARTS = 10_000;
const RESOURCES = 1_000;
const IMPORTED = 500;
const ROUNDS = 5;
const TYPED = "Giannopoulos";
const PAGE = "/index.html";
/** Beside the page and what it names, what the vault takes to start and the words of one language: as `build/sealShell.ts` counts. */
const VAULT = [/^\/assets\/worker-[^/]+\.js$/, /^\/assets\/wardbook_wasm_bg-[^/]+\.wasm$/];
const TEXTS = /^\/assets\/first-[^/]+\.js$/;

const rows = [];
const world = new World();
try {
  await measure();
} finally {
  await world.end();
}
console.log(["| what | median | longest |", "| --- | ---: | ---: |", ...rows].join("\n"));

async function measure() {
  const clinic = await world.clinic();
  const { server, desk } = clinic;
  await firstLoad(server);
  say(`importing ${CHARTS} charts at the desk`);
  await desk.run(ANA, ["import", await desk.write("many.ndjson", generated(CHARTS)), "--team", TEAM]);
  await desk.run(ANA, ["import", await desk.write("pulses.ndjson", pulses("joao-ferreira", RESOURCES))]);
  await desk.sync(ANA);
  const { tablet, app } = await joined(clinic);
  await unlocking(app);
  await typing(app);
  await opening(app);
  await importing(app);
  await startingOffline({ server, tablet, app });
}

/** What a slow line has to carry before anybody can unlock, and what comes after that. */
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
  row("first load, packed", kilobytes(sum(isFirst) + Math.max(...texts)), "");
  row("of it the vault's own code", kilobytes(sum((path) => isFirst(path) && path.endsWith(".wasm"))), "");
  row("all files of the app, packed", kilobytes(sum(() => true)), "");
}

async function joined(clinic) {
  say("joining, which fetches every chart");
  const tablet = await world.tablet("tablet", { server: clinic.server });
  const app = await tablet.start();
  const link = await clinic.desk.invite(ANA, "--team", TEAM);
  const start = performance.now();
  await app.enrol(link, BEN, "tablet");
  await app.openPatients();
  await app.line(JOAO).or(app.page.getByRole("list", { name: en.patients.listLabel })).first().waitFor();
  row(`joining and fetching ${CHARTS} charts`, milliseconds(performance.now() - start), "");
  return { tablet, app };
}

/** A wrong password costs the password step and nothing else; what is more is the list. */
async function unlocking(app) {
  say("unlocking");
  await app.open();
  const [steps, lists] = [[], []];
  await watchTasks(app);
  for (let round = 0; round < ROUNDS; round += 1) {
    await app.isLocked();
    let start = performance.now();
    if (await app.unlocks({ ...BEN, password: "a wrong password, long enough" })) throw new Error("it is the right one");
    steps.push(performance.now() - start);
    start = performance.now();
    await app.tryToUnlock(BEN);
    await app.isOpen();
    await app.line("").first().waitFor();
    lists.push(performance.now() - start);
    await app.lock();
  }
  times("the password step alone, failing", steps);
  times(`unlocking until ${CHARTS} charts are listed`, lists);
  row("longest task of the page while unlocking", milliseconds(await longestTask(app)), "");
  await app.unlock(BEN);
}

/** From each letter until the list is the answer to it. */
async function typing(app) {
  say("typing");
  await app.openPatients();
  await app.line("").first().waitFor();
  await watchKeys(app);
  const field = app.field(en.patients.searchLabel);
  const answers = [];
  for (const letter of TYPED) {
    const start = performance.now();
    await field.pressSequentially(letter);
    await listIsAnswer(app);
    answers.push(performance.now() - start);
  }
  times(`a letter typed into the search, until the list of ${CHARTS} is its answer`, answers);
  const events = await app.page.evaluate(() => globalThis.keyTimes);
  times("a letter typed, until the page has drawn it (Event Timing, 8 ms steps)", events.length === 0 ? [0] : events);
}

/** Looked at with each frame; without anybody found there is no list. */
function listIsAnswer(app) {
  return app.page.evaluate(
    (label) =>
      new Promise((answered) => {
        const look = () => {
          const list = document.querySelector(`[aria-label="${label}"]`);
          if (list === null || list.getAttribute("aria-busy") === "false") answered();
          else requestAnimationFrame(look);
        };
        look();
      }),
    en.patients.listLabel,
  );
}

async function opening(app) {
  say("opening");
  const opened = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await app.openPatients();
    await app.search(JOAO);
    await app.line(JOAO).first().waitFor();
    const start = performance.now();
    await app.line(JOAO).first().click();
    await app.region(en.chart.problems).waitFor();
    opened.push(performance.now() - start);
  }
  times(`opening a chart of ${RESOURCES} resources`, opened);
}

async function importing(app) {
  say("importing in the app");
  await watchTasks(app);
  const start = performance.now();
  const lines = generated(IMPORTED).replaceAll("generated-", "imported-");
  const file = { name: "more.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(lines) };
  await app.closeWindow(await app.importFiles([file]));
  row(`importing ${IMPORTED} patients`, milliseconds(performance.now() - start), "");
  row("longest task of the page while importing", milliseconds(await longestTask(app)), "");
  await watchTasks(app);
  const exchange = performance.now();
  await app.exchange();
  row("exchanging them", milliseconds(performance.now() - exchange), "");
  row("longest task of the page while exchanging", milliseconds(await longestTask(app)), "");
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
  times("from the address to the locked screen, without a network", starts);
}

/** Notes the longest task of the page from now on (Long Tasks API: above 50 ms). */
async function watchTasks(app) {
  await app.page.evaluate(() => {
    globalThis.longestTask = 0;
    globalThis.taskObserver ??= new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longestTask = Math.max(globalThis.longestTask, duration);
    });
    globalThis.taskObserver.observe({ type: "longtask" });
  });
}

async function longestTask(app) {
  // Tasks are told of a moment after they have ended.
  await until("the page is quiet", () => app.page.evaluate(() => new Promise((quiet) => requestIdleCallback(() => quiet(true)))));
  return app.page.evaluate(() => globalThis.longestTask);
}

async function watchKeys(app) {
  await app.page.evaluate(() => {
    globalThis.keyTimes = [];
    const observer = new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === "keydown") globalThis.keyTimes.push(duration);
    });
    observer.observe({ type: "event", durationThreshold: 16 });
  });
}

function times(what, values) {
  row(what, milliseconds(median(values)), milliseconds(Math.max(...values)));
}

function row(what, value, longest) {
  rows.push(`| ${what} | ${value} | ${longest} |`);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function milliseconds(value) {
  return `${value.toFixed(0)} ms`;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

function say(what) {
  console.error(`${what} …`);
}
