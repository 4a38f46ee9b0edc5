// The chart that is open in the app: reading it, and writing in it.

import { beginning, wording } from "./texts.mjs";
import { until } from "./wait.mjs";

/** What the menu for writing calls each form. */
const ENTRIES = {
  vitals: "addVitals",
  note: "addNote",
  medication: "addMedication",
  problem: "addProblem",
  allergy: "addAllergy",
  encounter: "addEncounter",
  fhir: "addOther",
};

export class Chart {
  constructor(app) {
    this.app = app;
  }

  get page() {
    return this.app.page;
  }

  get words() {
    return this.app.texts.write;
  }

  /** The id of the chart, which is all that its address says. */
  id() {
    return /\/(?:patients|print)\/([0-9a-f]{64})/.exec(this.page.url())?.[1];
  }

  // Reading

  /** Opens a part: `summary`, `vitals`, `timeline`, `notes`, `files` or `access`. */
  async show(part) {
    const tab = this.page.getByRole("tab", { name: beginning(this.app.texts.chart.tabs[part]) });
    await tab.click();
    await until("the part is open", async () => (await tab.getAttribute("aria-selected")) === "true");
  }

  /** The banner that stays above every part. */
  banner(name) {
    return this.app.region(name);
  }

  allergies() {
    return this.page.getByRole("group", { name: this.app.texts.chart.allergies, exact: true });
  }

  /** The line of one record in a list, by what stands in it. */
  record(what) {
    return this.page.getByRole("listitem").filter({ has: this.page.getByText(what, { exact: true }) }).last();
  }

  /** Waits until a record has come so far: `here`, `sent`, `seen` or `refused`. */
  async isDelivered(what, delivery) {
    await this.record(what).getByText(this.app.texts.common.delivery[delivery], { exact: true }).waitFor();
  }

  async doWith(what, entry) {
    const button = this.page.getByRole("button", { name: this.app.texts.chart.actions(what), exact: true });
    await this.app.menu(button.first(), entry);
  }

  /** The window with everything that became of a record. */
  async history(what) {
    const { chart } = this.app.texts;
    await this.doWith(what, chart.history);
    const window = this.app.dialog(chart.historyOf(what));
    await window.getByText(chart.historyOrder).waitFor();
    return window;
  }

  // Writing

  /** Opens the empty form for something new: see `ENTRIES`. */
  async write(form) {
    const { words } = this;
    await this.app.menu(this.app.button(words.add), words[ENTRIES[form]]);
    return this.#opened(this.app.dialog(words.titleNew(words.kinds[form])));
  }

  /** Opens the form of a record that is there; `kind` is what the chart calls its type. */
  async edit(what, kind) {
    await this.doWith(what, this.app.texts.common.edit);
    return this.#opened(this.app.dialog(this.words.titleEdit(this.app.texts.chart.kinds[kind])));
  }

  /** Types into fields of a form, by their labels. */
  async fill(form, values) {
    for (const [label, value] of Object.entries(values)) await this.app.field(label, form).fill(value);
  }

  /** Saves a form, waits until it is in the chart, and closes it. */
  async save(form) {
    await this.app.button(this.words.save, form).click();
    await this.app.heading(this.words.savedTitle, form).waitFor();
    await this.app.closeWindow(form);
  }

  /** Waits until what is typed is kept as a draft. */
  async isDrafted(form) {
    await form.getByText(wording(this.words.draftKept)).waitFor();
  }

  /** Values by the names that the catalogue has for them: `heartRate`, `systolic` and so on. */
  async recordVitals(values) {
    const form = await this.write("vitals");
    const labelled = Object.entries(values).map(([name, value]) => [this.words.vitals[name], value]);
    await this.fill(form, Object.fromEntries(labelled));
    await this.save(form);
  }

  async writeNote({ title, text }) {
    const form = await this.write("note");
    await this.fill(form, { [this.words.noteTitle]: title, [this.words.text]: text });
    await this.save(form);
  }

  async addProblem(what) {
    const form = await this.write("problem");
    await this.fill(form, { [this.words.what]: what });
    await this.save(form);
  }

  /** Adds any record as FHIR. */
  async addFhir(resource) {
    const form = await this.write("fhir");
    await this.fill(form, { [this.words.fhirText]: JSON.stringify(resource) });
    await this.save(form);
  }

  // Sharing

  /** Gives a member or team access: `read`, `write` or `manage`. */
  async grant(who, access) {
    const { common, share } = this.app.texts;
    await this.show("access");
    const card = this.app.region(share.add);
    await this.app.pick(share.who, who, card);
    await this.app.tick(this.app.radio(common.access[access], card).first());
    await this.app.button(share.grant, card).click();
    await this.app.says(share.granted(who));
  }

  async revoke(who) {
    const { share } = this.app.texts;
    await this.show("access");
    await this.app.button(share.revokeLabel(who)).click();
    const question = this.app.dialog(share.revokeTitle(who));
    await this.app.button(share.revoke, question).click();
    await question.waitFor({ state: "hidden" });
  }

  async #opened(form) {
    await this.app.button(this.words.save, form).waitFor();
    await until("the form is there", () => this.app.button(this.words.save, form).isEnabled());
    return form;
  }
}
