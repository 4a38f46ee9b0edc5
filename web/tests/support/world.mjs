// What a test has: a temporary folder with servers, desks and tablets, all of which end with it. Of a test that fails, the
// pages and their consoles are kept in tests/failures.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Tablet } from "./browser.mjs";
import { ANA, BEN, Desk } from "./cli.mjs";
import { SAMPLES } from "./data.mjs";
import { Line } from "./line.mjs";
import { Server } from "./server.mjs";
import { Stock } from "./stock.mjs";

const FAILURES = fileURLToPath(new URL("../failures/", import.meta.url));
const TEST_MS_MAX = 5 * 60_000;
export const TEAM = "Night crew";
const WARD_TABLET = "ward tablet";

export class World {
  #ends = [];
  #tablets = [];

  async folder() {
    if (this.path === undefined) {
      this.path = await mkdtemp(join(tmpdir(), "wardbook-web-"));
      this.#ends.push(() => rm(this.path, { recursive: true, force: true, maxRetries: 5 }));
    }
    return this.path;
  }

  /** As `Server` takes its options. */
  async server(options) {
    const server = new Server(await this.folder(), options);
    this.#ends.push(() => server.kill());
    return server.start();
  }

  /** A line that can go bad, for a server to be reached by. */
  async line() {
    const line = await new Line().start(await this.folder());
    this.#ends.push(async () => line.stop());
    return line;
  }

  async desk(name) {
    return new Desk(await this.folder(), name);
  }

  /** A browser profile that was never used; `start` it. */
  async tablet(name, options) {
    const tablet = new Tablet(await this.folder(), name, options);
    this.#tablets.push(tablet);
    this.#ends.push(() => tablet.close());
    return tablet;
  }

  /** Something of a test's own that has to end with it. */
  endsWith(end) {
    this.#ends.push(end);
  }

  /** Ana's organisation with a team on a server, made at a desk by the command line; with the samples in charts of the team. */
  async clinic() {
    return CLINIC.take(this, () => new World());
  }

  /** The same with a tablet that Ben has joined with; gives its app, unlocked. */
  async ward({ samples = true } = {}) {
    return this.restored(samples ? WARD : BARE_WARD, WARD_TABLET, BEN);
  }

  /** What a stock has, with the tablet of that name, on which a member has unlocked. */
  async restored(stock, name, member) {
    const kept = await stock.take(this, () => new World());
    const tablet = await this.tablet(name, { server: kept.server });
    const app = await tablet.start();
    await app.open();
    await app.unlock(member);
    return { ...kept, tablet, app };
  }

  /** A clinic that is made anew: what is reached by a line is nowhere else. */
  async newClinic({ samples = true, line } = {}) {
    const server = await this.server({ line });
    const desk = await this.desk("desk");
    await desk.init(ANA, "Harbour Clinic", server.link);
    await desk.run(ANA, ["team", "create", TEAM, ANA.user]);
    if (samples) await desk.run(ANA, ["import", SAMPLES, "--team", TEAM]);
    await desk.sync(ANA);
    return { server, desk };
  }

  /** A tablet that a new member has joined with, by an invite of the desk; gives its app, unlocked. */
  async joined({ server, desk }, member, { role = "clinician", name = WARD_TABLET, teams = [TEAM], ...options } = {}) {
    const link = await desk.invite(ANA, "--role", role, ...teams.flatMap((team) => ["--team", team]));
    const tablet = await this.tablet(name, { server, ...options });
    const app = await tablet.start();
    await app.enrol(link, member, name);
    return { tablet, app };
  }

  /** Runs part of a test; what the pages show is kept if it fails. */
  async watched(name, act) {
    try {
      return await act();
    } catch (error) {
      await this.#keep(name);
      throw error;
    }
  }

  async end() {
    const failures = [];
    for (const end of this.#ends.toReversed()) await end().catch((error) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "not everything ended");
  }

  async #keep(name) {
    await mkdir(FAILURES, { recursive: true });
    const file = join(FAILURES, `${basename(process.argv[1], ".test.mjs")}-${name.replace(/[^a-z0-9]+/gi, "-").slice(0, 80)}`);
    for (const { name: tablet, context, log } of this.#tablets) {
      await writeFile(`${file}-${tablet}.log`, `${log.join("\n")}\n`);
      const pages = context?.pages() ?? [];
      for (const [at, page] of pages.entries()) {
        // A page that hangs or has ended is no reason to lose the failure itself.
        await page.screenshot({ path: `${file}-${tablet}-${at}.png`, timeout: 10_000 }).catch((error) => log.push(String(error)));
      }
    }
  }
}

const CLINIC = new Stock((world) => world.newClinic());
const WARD = new Stock(async (world) => withTablet(world, await world.clinic()));
const BARE_WARD = new Stock(async (world) => withTablet(world, await world.newClinic({ samples: false })));

async function withTablet(world, clinic) {
  const { tablet, app } = await world.joined(clinic, BEN);
  await app.isKept();
  // Nothing is on its way when all of them end.
  await app.exchange();
  return { ...clinic, tablet };
}

/** A test with a world of its own. */
export function scenario(name, act, options = {}) {
  test(name, { timeout: TEST_MS_MAX, ...options }, async () => {
    const world = new World();
    try {
      await world.watched(name, () => act(world));
    } finally {
      await world.end();
    }
  });
}

/** Tests that look at one world which is made once for all of them, and leave nothing that another would stumble over. */
export function looking(name, build, tests) {
  describe(name, () => {
    const world = new World();
    let made;
    before(async () => {
      made = await world.watched(name, () => build(world));
    }, { timeout: TEST_MS_MAX });
    after(() => world.end());
    tests((what, act, options = {}) => {
      it(what, { timeout: TEST_MS_MAX, ...options }, () => world.watched(what, () => act(made)));
    });
  });
}
