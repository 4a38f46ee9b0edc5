// The pages for members, teams, devices, invites and rules.

export class Admin {
  constructor(app) {
    this.app = app;
  }

  get page() {
    return this.app.page;
  }

  get words() {
    return this.app.texts.admin;
  }

  /** Opens a part: `members`, `teams`, `devices`, `invites`, `policy`, `quarantine`, `extension` or `security`. */
  async show(part) {
    await this.app.goTo("admin");
    const parts = this.page.getByRole("navigation", { name: this.words.partsLabel, exact: true });
    const link = parts.getByRole("link", { name: this.words.sections[part], exact: true });
    await link.click();
    await parts.getByRole("link", { name: this.words.sections[part], exact: true }).and(this.page.locator("[aria-current=page]")).waitFor();
  }

  /** Makes an invite and hands it over; gives its link. */
  async invite(options) {
    const { link } = await this.beginInvite(options);
    await this.handOver();
    return link;
  }

  /** The same, up to its sheet: `both` for a member with a device, `member` or `device` for one of them. */
  async beginInvite({ kind = "both", role = "clinician", teams = [] } = {}) {
    const { app, words } = this;
    const { invites } = words;
    await this.show("invites");
    const card = app.region(invites.make);
    await app.tick(app.radio(invites.kinds[kind], card));
    if (kind !== "device") await app.tick(app.radio(app.texts.common.roles[role], card));
    for (const team of teams) await app.tick(app.checkbox(team, card));
    await app.button(invites.submit, card).click();
    const sheet = app.region(invites.sheetTitle);
    const link = await sheet.getByText(/#wbinvite1/i).innerText();
    return { sheet, link };
  }

  /** Says of the invite on the screen that it was handed over. */
  async handOver() {
    const { app, words } = this;
    const { invites } = words;
    await app.button(invites.handedOver, app.region(invites.sheetTitle)).click();
    await app.button(invites.handedOver, app.dialog(invites.closeTitle)).click();
    await app.region(invites.make).waitFor();
  }

  async withdrawInvites() {
    const { app, words } = this;
    await this.show("invites");
    await app.button(words.invites.withdraw).click();
    await app.button(words.invites.withdraw, app.dialog(words.invites.withdrawTitle)).click();
  }

  async createTeam(name, members) {
    const { app, words } = this;
    await this.show("teams");
    await app.button(words.teams.create).click();
    const form = app.dialog(words.teams.create);
    await app.field(words.teams.name, form).fill(name);
    for (const member of members) await app.tick(app.checkbox(member, form));
    await app.button(words.teams.submit, form).click();
    await app.says(words.teams.created(name));
  }

  async addToTeam(team, member) {
    const { app, words } = this;
    await this.show("teams");
    await app.button(words.teams.add, app.region(team)).click();
    const form = app.dialog(words.teams.addTo(team));
    await app.pick(words.teams.members, member, form);
    await app.button(words.teams.add, form).click();
    await app.says(words.teams.added(member, team));
  }

  async removeFromTeam(team, member) {
    const { app, words } = this;
    await this.show("teams");
    await app.button(words.teams.remove(member, team)).click();
    await app.button(words.teams.removeAction, app.dialog(words.teams.removeTitle(member, team))).click();
    await app.says(words.teams.removed(member, team));
  }

  async setRole(member, role) {
    const { app, words } = this;
    await this.show("members");
    await app.menu(app.button(words.members.menu(member)), words.members.changeRole);
    const form = app.dialog(words.members.roleTitle(member));
    await app.tick(app.radio(app.texts.common.roles[role], form));
    await app.button(words.members.changeRole, form).click();
    await app.says(words.members.roleChanged(member, app.texts.common.roles[role]));
  }

  async retireMember(member) {
    const { app, words } = this;
    await this.show("members");
    await app.menu(app.button(words.members.menu(member)), words.members.retire);
    await app.button(words.members.retire, app.dialog(words.members.retireTitle(member))).click();
    await app.says(words.members.retired(member));
  }

  async retireDevice(device) {
    const { app, words } = this;
    await this.show("devices");
    await app.button(words.devices.retireLabel(device)).click();
    await app.button(words.devices.retire, app.dialog(words.devices.retireTitle(device))).click();
    await app.says(words.devices.retireDone(device));
  }

  async setPolicy({ passwordChars, leaseHours }) {
    const { app, words } = this;
    await this.show("policy");
    if (passwordChars !== undefined) await app.field(words.policy.passwordChars).fill(String(passwordChars));
    if (leaseHours !== undefined) await app.field(words.policy.leaseHours).fill(String(leaseHours));
    await app.button(words.policy.save).click();
    await app.says(words.policy.saved);
  }
}
