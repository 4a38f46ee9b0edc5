// The app as a person uses it: every verb is one of the screens, and finds what it presses by what is read there.

import { Admin } from "./admin.mjs";
import { Chart } from "./chart.mjs";
import { Tasks } from "./tasks.mjs";
import { beginning, en, ending, wording, words } from "./texts.mjs";
import { until } from "./wait.mjs";

/** Joining derives keys, then fetches every chart, of which there may be thousands; imports may be as long. */
const JOIN_MS_MAX = 20 * 60_000;

export class App {
  constructor(page, base, texts = en) {
    this.page = page;
    this.base = base;
    this.texts = texts;
    this.chart = new Chart(this);
    this.admin = new Admin(this);
    this.tasks = new Tasks(this);
  }

  // Finding

  button(name, within = this.page) {
    return within.getByRole("button", { name, exact: true });
  }

  field(label, within = this.page) {
    return within.getByLabel(label, { exact: true });
  }

  heading(name, within = this.page) {
    return within.getByRole("heading", { name, exact: true });
  }

  region(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** A window above the page, be it a question or a form. */
  dialog(name) {
    const named = { name, exact: true };
    return this.page.getByRole("dialog", named).or(this.page.getByRole("alertdialog", named));
  }

  text(words, within = this.page) {
    return within.getByText(words, { exact: true }).first();
  }

  // Doing

  /** Waits until something is said on the screen. */
  async says(words, within = this.page) {
    await this.text(words, within).waitFor();
  }

  /** Chooses from the list of a field. */
  async choose(label, option, within = this.page) {
    await within.getByRole("button", { name: ending(label) }).click();
    await this.page.getByRole("option", { name: option, exact: true }).click();
  }

  /** Types into a field with a list, and chooses. */
  async pick(label, option, within = this.page) {
    await within.getByRole("combobox", { name: label, exact: true }).pressSequentially(option);
    await this.page.getByRole("option", { name: option, exact: true }).click();
  }

  async menu(button, entry) {
    await button.click();
    await this.page.getByRole("menuitem", { name: entry, exact: true }).click();
  }

  /** Ticks a box, or chooses one of a few, by the keyboard: the control itself lies behind what is drawn for it. */
  async tick(control) {
    if (await control.isChecked()) return;
    await control.press("Space");
    await until("it is chosen", () => control.isChecked());
  }

  radio(label, within = this.page) {
    return within.getByRole("radio", { name: beginning(label) });
  }

  checkbox(label, within = this.page) {
    return within.getByRole("checkbox", { name: beginning(label) });
  }

  /** Hands files of this computer to a button that asks for them: paths, or `{ name, mimeType, buffer }`. */
  async giveFiles(button, files) {
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), button.click()]);
    await chooser.setFiles(files);
  }

  // Coming in

  async open(address = "/") {
    await this.page.goto(new URL(address, this.base).href);
  }

  /** Waits until the app lies on this device as a whole, so that it starts without a network. */
  async isKept() {
    await until("the app is kept", () => this.page.evaluate(() => navigator.serviceWorker.controller !== null));
  }

  /** Makes an organisation in a browser without a vault; gives its codes. */
  async createOrganisation(organisation) {
    await this.beginOrganisation(organisation);
    return this.keepCodes();
  }

  /** The same, up to the sheet with the codes. */
  async beginOrganisation({ name, member, device, link }) {
    const { enrol } = this.texts;
    await this.open(link ?? "/");
    if (link === undefined) await this.button(enrol.welcome.create).click();
    await this.field(enrol.organisation.name).fill(name);
    await this.#fillPerson(member);
    await this.field(enrol.device.name).fill(device);
    await this.button(enrol.submitCreate).click();
    await this.heading(enrol.recovery.title).waitFor({ timeout: JOIN_MS_MAX });
  }

  /** Joins with this browser as a new device; gives the recovery code. */
  async enrol(link, member, device) {
    const { enrol } = this.texts;
    await this.open(link);
    await this.#fillPerson(member);
    await this.field(enrol.device.name).fill(device);
    await this.button(enrol.submitJoin).click();
    return (await this.keepCodes()).recoveryCode;
  }

  /** Joins with this browser as a device alone, from where it is said that what is kept here does not open. */
  async enrolDevice(link, device) {
    const { common, enrol } = this.texts;
    await this.button(enrol.welcome.join).click();
    await this.field(enrol.link.label).fill(link);
    await this.button(common.next).click();
    await this.tick(this.checkbox(enrol.person.deviceOnly));
    await this.field(enrol.device.name).fill(device);
    await this.button(enrol.submitJoin).click();
  }

  /** Joins as a further member of a device that others use, from its locked screen; gives the recovery code. */
  async joinHere(link, member) {
    const { common, enrol, unlock } = this.texts;
    await this.button(unlock.joinHere.link).click();
    await this.field(enrol.link.label).fill(link);
    await this.button(common.next).click();
    await this.#fillPerson(member);
    await this.button(enrol.submitJoin).click();
    return (await this.keepCodes()).recoveryCode;
  }

  async #fillPerson({ name, user, password }) {
    const { person } = this.texts.enrol;
    await this.field(person.display).fill(name);
    await this.field(person.user).fill(user);
    await this.typeNewPassword(password);
  }

  async typeNewPassword(password, within = this.page) {
    const words = this.texts.enrol.password;
    await this.field(words.label, within).fill(password);
    await this.field(words.again, within).fill(password);
  }

  /** Reads the codes that are shown once, says that they are on paper, and goes on. */
  async keepCodes() {
    const { recovery } = this.texts.enrol;
    await this.heading(recovery.title).waitFor({ timeout: JOIN_MS_MAX });
    const codeOf = (card) => card.getByRole("paragraph").first().innerText();
    const recoveryCode = await codeOf(this.region(wording(recovery.codeFor)));
    const sheets = await this.region(ending(recovery.share)).all();
    const shares = await Promise.all(sheets.map(codeOf));
    await this.tick(this.checkbox(recovery.kept));
    await this.button(recovery.goOn).click();
    await this.isOpen({ timeout: JOIN_MS_MAX });
    return { recoveryCode, shares };
  }

  // Locked and unlocked

  async isLocked() {
    await this.button(this.texts.unlock.submit).waitFor();
  }

  async isOpen(options) {
    await this.#navigation().waitFor(options);
  }

  /** Types who somebody is and their password, and does not wait for what comes of it. */
  async tryToUnlock({ name, user, password }) {
    const { unlock } = this.texts;
    await this.isLocked();
    const known = this.button(name);
    const other = this.button(unlock.someoneElse);
    if (await known.isVisible()) await known.click();
    else {
      if (await other.isVisible()) await other.click();
      await this.field(unlock.user).fill(user);
    }
    await this.page.getByLabel(beginning(unlock.password)).fill(password);
    await this.button(unlock.submit).click();
  }

  /** Tries to unlock; gives whether that opened the records. */
  async unlocks(member) {
    await this.tryToUnlock(member);
    await this.#navigation().or(this.page.getByRole("alert")).first().waitFor();
    return this.#navigation().isVisible();
  }

  async unlock(member) {
    await this.tryToUnlock(member);
    await this.isOpen();
  }

  async lock() {
    await this.button(this.texts.app.lock).click();
    await this.isLocked();
  }

  /** Makes way for another member of this device, who unlocks. */
  async switchTo(member) {
    await this.menu(this.#memberMenu(), this.texts.app.switchMember);
    await this.unlock(member);
  }

  async openSettings() {
    await this.menu(this.#memberMenu(), this.texts.app.account);
    await this.heading(this.texts.unlock.settings.title).waitFor();
  }

  async openTechnical() {
    await this.menu(this.#memberMenu(), this.texts.app.technical);
    await this.heading(this.texts.technical.title).waitFor();
  }

  /** Finds nothing wrong with what is stored here. */
  async isWhole() {
    const { technical } = this.texts;
    await this.openTechnical();
    await this.button(technical.verify).click();
    await this.says(technical.allWell);
  }

  // Going about

  /** Goes to a place of the navigation: `patients`, `tasks`, `sync` or `admin`. */
  async goTo(place) {
    await this.#navigation().getByRole("link", { name: beginning(this.texts.app[place]) }).click();
    await this.heading(this.texts[place].title).waitFor();
  }

  async openPatients() {
    await this.goTo("patients");
    await this.filterPatients("filterAll");
  }

  /** Shows one of the lists of patients: `filterAll`, `filterRecent` or `filterMyTeams`. */
  async filterPatients(filter) {
    await this.page.getByRole("tab", { name: this.texts.patients[filter], exact: true }).click();
  }

  /** Types into the search of the list of patients. */
  async search(text) {
    await this.field(this.texts.patients.searchLabel).fill(text);
  }

  /** A line of the list of patients. */
  line(name) {
    return this.#list().getByRole("link").filter({ hasText: name });
  }

  /** What the lines of the list say, once the list is the answer to what was typed. */
  async lines() {
    await until("the list is up to date", async () => (await this.#list().getAttribute("aria-busy")) === "false");
    return this.#list().getByRole("link").allInnerTexts();
  }

  async openPatient(name) {
    await this.openPatients();
    await this.search(name);
    await this.line(name).first().click();
    await this.heading(name).waitFor();
  }

  /** Fills in the form of a new patient, and does not register them yet. */
  async beginPatient({ family, given = "", birthDate = "", sex, number, team }) {
    const { patients } = this.texts;
    await this.openPatients();
    await this.button(patients.register).click();
    const form = this.dialog(patients.registerTitle);
    await this.field(patients.family, form).fill(family);
    await this.field(patients.given, form).fill(given);
    await this.field(patients.birthDate, form).fill(birthDate);
    if (sex !== undefined) await this.tick(form.getByRole("radio", { name: patients.sexes[sex], exact: true }));
    if (number !== undefined) await this.field(patients.identifier, form).fill(number);
    if (team !== undefined) await this.choose(patients.team, team, form);
    return form;
  }

  /** Registers a patient whom nobody is like; their chart is open then. */
  async addPatient(patient) {
    const form = await this.beginPatient(patient);
    await this.button(this.texts.patients.register, form).click();
    await this.heading([patient.given, patient.family].filter(Boolean).join(" ")).waitFor();
  }

  /** Imports FHIR files from the list of patients; gives the window with what came of it. */
  async importFiles(files, { team } = {}) {
    const { patients } = this.texts;
    await this.openPatients();
    await this.button(patients.import).click();
    const window = this.dialog(patients.importTitle);
    await this.giveFiles(this.button(patients.importChoose, window), files);
    if (team !== undefined) await this.choose(patients.team, team, window);
    await this.button(patients.importStart, window).click();
    await window.getByText(wording(patients.importDone)).waitFor({ timeout: JOIN_MS_MAX });
    return window;
  }

  /** Closes a window by the button at its foot. */
  async closeWindow(window) {
    await this.button(this.texts.common.close, window).last().click();
    await window.waitFor({ state: "hidden" });
  }

  /** Exchanges everything with the server. */
  async exchange() {
    const { sync } = this.texts;
    await this.goTo("sync");
    // One that runs already may have begun too early.
    await until("no exchange is running", async () => (await this.page.getByRole("progressbar").count()) === 0);
    await this.button(sync.now).click();
    await this.page.getByText(wording(sync.stateDone)).waitFor();
  }

  /** What the bar says of the exchange with the server. */
  syncChip() {
    return this.page.getByRole("link", { name: wording(this.texts.sync.chip.label) });
  }

  /** Waits until the bar says that of the exchange. */
  async syncSays(text, options) {
    const chip = this.syncChip();
    await until("the bar says it", async () => words(text).test(await chip.getAttribute("aria-label")), options);
  }

  #navigation() {
    return this.page.getByRole("navigation", { name: this.texts.app.navigation, exact: true });
  }

  #memberMenu() {
    return this.page.getByRole("button", { name: wording(this.texts.app.memberMenu) });
  }

  #list() {
    return this.page.getByRole("list", { name: this.texts.patients.listLabel, exact: true });
  }
}
