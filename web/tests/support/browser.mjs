// A browser profile on the disk, as a tablet has one: what is stored there survives its end.

import { join } from "node:path";
import { chromium } from "playwright-core";
import { App } from "./app.mjs";
import { PATIENCE_MS, until } from "./wait.mjs";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const TABLET = { width: 1180, height: 820 };

export class Tablet {
  /** Lines of the consoles of its pages, and requests that failed. */
  log = [];

  /** `server` says whose certificate is trusted; without one, pages come over HTTP from this machine. */
  constructor(folder, name, { server, base = server?.base, ...options } = {}) {
    this.name = name;
    this.profile = join(folder, `${name}-profile`);
    this.server = server;
    this.base = base;
    this.options = options;
  }

  /** Starts the browser, or starts it again on the same profile; gives the app of its first page, which is not opened yet. */
  async start() {
    const trusted = this.server === undefined ? [] : [`--ignore-certificate-errors-spki-list=${this.server.spki}`];
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: EXECUTABLE,
      headless: true,
      // Chromium's sandbox does not start for root.
      chromiumSandbox: process.getuid?.() !== 0,
      args: trusted,
      env: { ...process.env, TZ: "UTC" },
      locale: "en-GB",
      viewport: TABLET,
      ...this.options,
    });
    this.context.setDefaultTimeout(PATIENCE_MS);
    this.context.on("page", (page) => this.#listen(page));
    this.context.pages().forEach((page) => this.#listen(page));
    this.context.on("requestfailed", (request) => this.log.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
    return this.app(this.context.pages()[0]);
  }

  /** The app in a page of this browser; a new one if none is given. */
  async app(page) {
    return new App(page ?? (await this.context.newPage()), this.base);
  }

  async close() {
    const { context } = this;
    this.context = undefined;
    await context?.close();
  }

  /** Ends the browser as a power cut does. */
  async kill() {
    const { context } = this;
    this.context = undefined;
    const session = await context.browser().newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const { id } = processInfo.find(({ type }) => type === "browser");
    process.kill(id, "SIGKILL");
    await until("the browser has ended", () => hasEnded(id));
  }

  /** Takes the network away, or gives it back. */
  async setOffline(offline) {
    await this.context.setOffline(offline);
  }

  #listen(page) {
    const note = (line) => this.log.push(line);
    page.on("console", (message) => note(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => note(`error: ${error.stack ?? error.message}`));
  }
}

function hasEnded(pid) {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
