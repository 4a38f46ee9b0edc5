// The command line as another device, or as the first admin's desk.

import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const BINARY = resolve(process.env.WARDBOOK ?? fileURLToPath(new URL("../../../target/debug/wardbook", import.meta.url)));

/** Seconds that a debug build adds to its clock; a released one has a clock that nobody moves. */
export const CLOCK_OFFSET = "WARDBOOK_TEST_CLOCK_OFFSET_SECS";
/** Cargo puts debug builds into a folder of this name. */
export const CLOCK_MOVES = basename(dirname(BINARY)) === "debug";

/** An answer may be a whole chart. */
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

export const ANA = { user: "ana", name: "Ana Lindqvist", password: "quiet ambulance velvet orbit" };
export const BEN = { user: "ben", name: "Ben Okafor", password: "seven lanterns under gravel" };
export const EVA = { user: "eva", name: "Eva Brandt", password: "copper thistle morning barge" };
export const IDA = { user: "ida", name: "Ida Berg", password: "winter violin copper seventeen" };

/** A vault folder that the program is called on. */
export class Desk {
  /** Hours that its clock is ahead, with a debug build. */
  hoursAhead = 0;

  constructor(folder, name) {
    this.folder = folder;
    this.name = name;
    this.vault = join(folder, name);
  }

  /** Runs a command for a member; gives what it printed. It has to end with that code. */
  async run(member, args, { code = 0 } = {}) {
    const { status, out, err } = await this.#call(member, args);
    assert.equal(status, code, `wardbook ${args.join(" ")}\n${out}\n${err}`);
    return out;
  }

  /** What a command prints for machines. */
  async json(member, args, options) {
    return JSON.parse(await this.run(member, [...args, "--json"], options));
  }

  async init(member, organisation, link) {
    const server = link === undefined ? [] : ["--server", link];
    return this.json(member, ["init", "--organisation", organisation, "--name", member.name, "--device", this.name, ...server]);
  }

  /** The link of an invite. */
  async invite(member, ...args) {
    return (await this.json(member, ["invite", ...args])).link;
  }

  /** Joins as a new device with a new member. */
  async enrol(member, link) {
    await this.run(member, ["enrol", link, "--name", member.name, "--device", this.name, "--new-password-file", await this.#passwordOf(member)]);
  }

  async sync(member) {
    return this.json(member, ["sync"]);
  }

  /** The id of the chart of one patient. */
  async chartOf(member, patient) {
    const found = await this.json(member, ["patients", patient]);
    return found[0].id;
  }

  /** Finds nothing wrong with what is stored here. */
  async isWhole(member) {
    const { findings } = await this.json(member, ["verify"]);
    assert.deepEqual(findings, []);
  }

  async write(name, content) {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  async #call(member, args) {
    const env = {
      ...process.env,
      TZ: "UTC",
      WARDBOOK_VAULT: this.vault,
      WARDBOOK_MEMBER: member.user,
      WARDBOOK_PASSWORD_FILE: await this.#passwordOf(member),
      WARDBOOK_KEYSTORE: "file",
      [CLOCK_OFFSET]: String(this.hoursAhead * 3600),
    };
    return new Promise((done) => {
      execFile(BINARY, args, { env, cwd: this.folder, maxBuffer: OUTPUT_BYTES_MAX }, (error, out, err) => {
        done({ status: error === null ? 0 : error.code, out, err });
      });
    });
  }

  #passwordOf({ user, password }) {
    return this.write(`${user}.txt`, `${password}\n`);
  }
}
