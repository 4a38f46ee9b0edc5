// What keeps the app to itself: headers, hashes, no other origin, and records that try to run something.

import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { BEN } from "./support/cli.mjs";
import { filesIn, JOAO, shared } from "./support/data.mjs";
import { get } from "./support/http.mjs";
import { en, words, wording } from "./support/texts.mjs";
import { everyStop, prepared } from "./support/tour.mjs";
import { until } from "./support/wait.mjs";
import { scenario } from "./support/world.mjs";

const { chart, patients, write } = en;
const malformed = shared("malformed/inputs");

/** What the policy has to say at least; each directive with all of its values. */
const DIRECTIVES = {
  "default-src": ["'none'"],
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "worker-src": ["'self'"],
  "style-src": ["'self'"],
  "connect-src": ["'self'"],
  "object-src": ["'none'"],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
  "frame-ancestors": ["'none'"],
  "require-trusted-types-for": ["'script'"],
};
/**
 * Narratives are read in a document without a window, before anything is taken out. The browser reports what they have in
 * them then, though none of it could run there; what is left of them on the page is looked at instead.
 */
const CLEANER = /\/assets\/Narrative-/;
const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

scenario("every file of the app comes with the policies, and assets with their hashes", async (world) => {
  const server = await world.server();
  const page = await get(`${server.base}/`);
  const html = page.body.toString();
  const assets = [...html.matchAll(/<(?:script|link)\b[^>]*?\s(?:src|href)="(\/assets\/[^"]+)"[^>]*>/g)];
  assert.ok(assets.length > 0);
  for (const [tag, path] of assets) {
    const [, hash] = /\sintegrity="sha384-([^"]+)"/.exec(tag) ?? assert.fail(`${tag} has no integrity`);
    const { body } = await get(`${server.base}${path}`);
    assert.equal(createHash("sha384").update(body).digest("base64"), hash, path);
  }
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|\son\w+=|javascript:/, "nothing runs from within the page");

  for (const path of ["/", "/patients/nobody", "/sw.js", "/version.json", assets[0][1]]) {
    const { headers } = await get(`${server.base}${path}`);
    for (const [name, value] of Object.entries(HEADERS)) assert.equal(headers[name], value, `${path}: ${name}`);
    const policy = directivesOf(headers["content-security-policy"]);
    for (const [name, values] of Object.entries(DIRECTIVES)) assert.deepEqual(policy[name], values, `${path}: ${name}`);
    const loose = ["'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:", "https:"];
    for (const [name, values] of Object.entries(policy)) assert.ok(!values.some((value) => loose.includes(value)), `${name}: ${values}`);
  }
});

scenario("browsers are asked to keep what is on the screen to themselves", async (world) => {
  const { app } = await world.ward();
  const whole = await app.page.evaluate(() => {
    const { translate, spellcheck } = document.documentElement;
    return { translate, spellcheck };
  });
  assert.deepEqual(whole, { translate: false, spellcheck: false });
  await app.openPatient(JOAO);
  const form = await app.chart.write("note");
  for (const label of [write.noteTitle, write.text]) {
    const field = await app.field(label, form).evaluate(({ spellcheck: checked, autocomplete }) => ({ checked, autocomplete }));
    assert.deepEqual(field, { checked: false, autocomplete: "off" }, label);
  }
});

scenario("the bytes that are served are those that the list of hashes names", async (world) => {
  const server = await world.server();
  const { files } = JSON.parse((await get(`${server.base}/version.json`)).body);
  assert.ok(Object.keys(files).length > 3);
  for (const [path, hash] of Object.entries(files)) {
    const { body } = await get(`${server.base}${path}`);
    assert.equal(createHash("sha256").update(body).digest("hex"), hash, path);
  }
});

scenario("through all screens nothing breaks the policy, and nothing goes to another origin", async (world) => {
  const clinic = await prepared(world);
  const tablet = await world.tablet("tablet", { server: clinic.server });
  const app = await tablet.start();
  const seen = await watched(tablet);
  for await (const name of everyStop(app, clinic.invite)) assert.deepEqual(seen.violations, [], name);
  assert.deepEqual(seen.violations, []);
  assert.deepEqual(seen.elsewhere, []);
  assert.ok(seen.requests > 10);
}, { timeout: 15 * 60_000 });

// BRW-04
scenario("records that try to run something are shown as text", async (world) => {
  const { tablet, app } = await world.ward();
  const seen = await watched(tablet);
  await app.open();
  await app.unlock(BEN);
  const file = { name: "hostile.ndjson", mimeType: "application/x-ndjson", buffer: Buffer.from(hostile()) };
  const window = await app.importFiles([file]);
  await app.closeWindow(window);
  await app.search("Evil");
  await app.line("<img src=x").waitFor();
  await app.line("<img src=x").click();
  await app.chart.banner(words("<img src=x")).waitFor();
  for (const part of ["summary", "vitals", "timeline", "files", "access", "notes"]) await app.chart.show(part);
  const closed = app.page.getByRole("button", { name: wording(chart.noteRead) });
  while ((await closed.count()) > 0) await closed.first().click();
  // By the attribute: the page as a whole is a document too.
  const narrative = app.page.locator("[role=document]");
  await until("both notes are read", async () => (await narrative.getByText("Seen on the ward").count()) === 2);
  const dangerous = "script, style, iframe, object, embed, form, input, img, svg, math, a[href], [style], [onclick], [onerror], [onload]";
  assert.equal(await narrative.locator(dangerous).count(), 0);
  await app.button(chart.print).click();
  await app.page.getByRole("article").getByText("<img src=x").first().waitFor();

  assert.equal(await app.page.evaluate(() => globalThis.ranFromRecord), undefined);
  assert.deepEqual(seen.violations, []);
  assert.deepEqual(seen.elsewhere, []);
});

scenario("broken and hostile files of others are taken or refused, and the app goes on", async (world) => {
  const { tablet, app } = await world.ward();
  const seen = await watched(tablet);
  await app.open();
  await app.unlock(BEN);
  const window = await app.importFiles(await filesIn(malformed, ".json"));
  await window.getByText(words(patients.importRefused)).waitFor();
  await app.closeWindow(window);
  const lines = app.page.getByRole("list", { name: patients.listLabel }).getByRole("link");
  await until("there are charts", async () => (await lines.count()) > 0);
  const addresses = await lines.evaluateAll((links) => links.map(({ href }) => href));
  for (const address of addresses) {
    await app.openPatients();
    await app.page.locator(`a[href="${new URL(address).pathname}"]`).click();
    const tabs = app.page.getByRole("tab");
    await tabs.filter({ hasText: chart.tabs.timeline }).waitFor();
    for (const tab of await tabs.all()) await tab.click();
    assert.equal(await app.page.getByText(en.app.crashed.title).count(), 0, address);
  }
  assert.deepEqual([seen.violations, seen.elsewhere, seen.errors], [[], [], []]);
}, { skip: malformed === undefined, timeout: 15 * 60_000 });

/** Notes what breaks the policy, and what is asked of other origins, in everything that a browser loads from now on. */
async function watched(tablet) {
  const seen = { violations: [], elsewhere: [], errors: [], requests: 0 };
  const note = (said, source) => {
    if (!CLEANER.test(source)) seen.violations.push(said);
  };
  await tablet.context.exposeBinding("policyWasBroken", (_, said, source) => note(said, source));
  await tablet.context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) => {
      globalThis.policyWasBroken(`${violatedDirective}: ${blockedURI} ${sourceFile}`, sourceFile);
    });
  });
  const listen = (page) => {
    page.on("console", (message) => {
      if (/Content.Security.Policy|Refused to|violates/i.test(message.text())) note(message.text(), message.location().url);
    });
    page.on("pageerror", (error) => seen.errors.push(error.message));
    page.on("dialog", (dialog) => {
      seen.violations.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  };
  tablet.context.on("page", listen);
  tablet.context.pages().forEach(listen);
  tablet.context.on("request", (request) => {
    seen.requests += 1;
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(tablet.base).origin && !["blob:", "data:", "about:"].includes(protocol)) seen.elsewhere.push(request.url());
  });
  return seen;
}

function directivesOf(header) {
  const parts = header.split(";").map((part) => part.trim().split(/\s+/));
  return Object.fromEntries(parts.filter(([name]) => name !== "").map(([name, ...values]) => [name, values]));
}

/** A patient and records whose every text wants to be more than text. */
function hostile() {
  const attack = '<img src=x onerror="globalThis.ranFromRecord=1"> Evil';
  const subject = { reference: "Patient/evil" };
  const div = [
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>Seen on the ward</p><script>globalThis.ranFromRecord=1</script>',
    '<img src="https://elsewhere.example/a.png" onerror="globalThis.ranFromRecord=1"/><a href="javascript:globalThis.ranFromRecord=1">press</a>',
    '<svg onload="globalThis.ranFromRecord=1"><style>*{display:none}</style></svg><iframe src="https://elsewhere.example/"></iframe>',
    '<p style="position:fixed;inset:0" onclick="globalThis.ranFromRecord=1">over everything</p></div>',
  ].join("");
  return [
    { resourceType: "Patient", id: "evil", name: [{ text: attack }], birthDate: "1970-01-01", identifier: [{ value: "javascript:alert(1)" }] },
    { resourceType: "Condition", id: "evil-1", subject, code: { text: attack } },
    { resourceType: "AllergyIntolerance", id: "evil-2", patient: subject, code: { text: attack }, criticality: "high" },
    { resourceType: "Observation", id: "evil-3", status: "final", subject, code: { text: attack }, valueString: attack },
    { resourceType: "Composition", id: "evil-4", status: "final", subject, date: "2026-01-01", title: "Round", text: { status: "generated", div } },
    {
      resourceType: "DocumentReference", id: "evil-5", status: "current", subject, type: { text: attack },
      content: [{ attachment: { contentType: "text/html", title: attack, data: Buffer.from(div).toString("base64") } }],
    },
  ].map((resource) => JSON.stringify(resource)).join("\n");
}
