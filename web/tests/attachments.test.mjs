// Photos, PDFs and other files of a chart: added, shown inside the app, and fetched when they are opened.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { ANA } from "./support/cli.mjs";
import { JOAO, pdf, PNG } from "./support/data.mjs";
import { en } from "./support/texts.mjs";
import { until } from "./support/wait.mjs";
import { looking, scenario } from "./support/world.mjs";

const { common, files } = en;
const LETTER = "Letter of the other clinic <b>not bold</b>\n<script>globalThis.ranFromFile = true</script>\n";

looking(
  "files",
  async (world) => (await world.ward()).app,
  (look) => {
    look("a picture is looked at, named, sealed and shown as a picture", async (app) => {
      const form = await choose(app, { name: "IMG_0001.png", mimeType: "image/png", buffer: PNG });
      await form.getByRole("img", { name: files.preview }).waitFor();
      await form.getByText(files.metadata).waitFor();
      await add(app, form, "Wound on the left heel");
      await app.says(files.added);
      const window = await openFile(app, "Wound on the left heel");
      const picture = window.getByRole("img", { name: "Wound on the left heel" });
      await until("it is drawn", () => picture.evaluate(({ complete, naturalWidth }) => complete && naturalWidth === 1));
      assert.match(await picture.getAttribute("src"), /^blob:/);
      await app.closeWindow(window);
    });

    look("a PDF is shown inside the app, where the browser can", async (app) => {
      const form = await choose(app, { name: "letter.pdf", mimeType: "application/pdf", buffer: pdf("Discharge letter") });
      await add(app, form, "Discharge letter");
      const window = await openFile(app, "Discharge letter");
      await app.page.getByTitle("Discharge letter", { exact: true }).or(window.getByText(files.noPdf)).waitFor();
      await app.closeWindow(window);
    });

    // BRW-05
    look("a text is shown as text, whatever stands in it", async (app) => {
      const form = await choose(app, { name: "letter.html", mimeType: "text/html", buffer: Buffer.from(LETTER) });
      await add(app, form, "Letter");
      const window = await openFile(app, "Letter");
      const shown = window.getByRole("group", { name: files.textLabel("Letter") });
      assert.equal(await shown.evaluate(({ textContent }) => textContent), LETTER);
      assert.equal(await app.page.evaluate(() => globalThis.ranFromFile), undefined);
      await app.closeWindow(window);
    });

    look("the same file is kept once", async (app) => {
      const bytes = { name: "same.bin", mimeType: "application/octet-stream", buffer: Buffer.from([0, 1, 2, 3, 255]) };
      await add(app, await choose(app, bytes), "Once");
      await app.says(files.added);
      await add(app, await choose(app, bytes), "Twice");
      await app.says(files.again);
    });

    look("an empty file is not taken", async (app) => {
      const form = await choose(app, { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
      await form.getByText(files.empty).waitFor();
      assert.equal(await app.button(files.add, form).isDisabled(), true);
      await app.button(common.cancel, form).click();
    });

    look("a file is saved outside of the vault only after a warning, and has the very bytes then", async (app) => {
      const buffer = Buffer.from("Kept as it is.\r\n\ttabs too");
      await add(app, await choose(app, { name: "kept.txt", mimeType: "text/plain", buffer }), "Kept as it is");
      const window = await openFile(app, "Kept as it is");
      await app.button(files.save, window).click();
      const question = app.dialog(files.saveTitle);
      await question.getByText(files.saveWarning).waitFor();
      const [download] = await Promise.all([app.page.waitForEvent("download"), app.button(files.save, question).click()]);
      assert.equal(download.suggestedFilename(), "Kept as it is.txt");
      assert.deepEqual(await readFile(await download.path()), buffer);
      await app.closeWindow(window);
    });
  },
);

scenario("a file of another device is fetched when it is opened, and is here from then on", async (world) => {
  const { server, desk, app } = await world.ward();
  const photo = await desk.write("radiograph.png", PNG);
  await desk.run(ANA, ["attach", JOAO, photo, "--title", "Wrist in two planes"]);
  await desk.sync(ANA);
  await app.exchange();
  await showFiles(app);
  const row = app.page.getByRole("row").filter({ hasText: "Wrist in two planes" });
  await row.getByText(files.onServer).waitFor();

  await server.kill();
  const unreached = await openFile(app, "Wrist in two planes");
  await unreached.getByText(files.notOnline).waitFor();
  await server.start();
  await app.button(common.retry, unreached).click();
  await unreached.getByRole("img", { name: "Wrist in two planes" }).waitFor();
  await app.closeWindow(unreached);
  await row.getByText(files.onServer).waitFor({ state: "hidden" });

  await server.kill();
  const here = await openFile(app, "Wrist in two planes");
  await here.getByRole("img", { name: "Wrist in two planes" }).waitFor();
});

async function showFiles(app) {
  await app.openPatient(JOAO);
  await app.chart.show("files");
}

/** Chooses a file of this computer for the chart; gives the window that looks at it. */
async function choose(app, file) {
  await showFiles(app);
  await app.giveFiles(app.button(files.choose), file);
  return app.dialog(files.addTitle);
}

async function add(app, form, title) {
  await app.field(files.title, form).fill(title);
  await app.button(files.add, form).click();
  await form.waitFor({ state: "hidden" });
}

async function openFile(app, title) {
  await app.button(common.openRow(title)).click();
  return app.dialog(title);
}
