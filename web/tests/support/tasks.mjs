// The page of what waits: records that were changed apart, and drafts.

import { beginning, words } from "./texts.mjs";

export class Tasks {
  constructor(app) {
    this.app = app;
  }

  get page() {
    return this.app.page;
  }

  /** The button that opens the decision about a record of somebody. */
  conflict(patient) {
    const { conflicts } = this.app.texts;
    return this.page.getByRole("button", { name: beginning(`${conflicts.decide}: ${patient}`) });
  }

  async openConflict(patient) {
    await this.app.goTo("tasks");
    await this.conflict(patient).first().click();
    await this.app.heading(this.app.texts.tasks.decision).waitFor();
    await this.app.heading(this.app.texts.conflicts.question).waitFor();
  }

  /** The values that can be chosen, by whom they are. */
  valueOf(author) {
    return this.page.getByRole("radio", { name: words(author) });
  }

  /** Decides as it is chosen. */
  async decide() {
    const { conflicts } = this.app.texts;
    await this.app.button(conflicts.decide, this.app.region(conflicts.preview)).click();
    await this.app.says(conflicts.decided);
  }
}
