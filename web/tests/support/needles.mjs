// Looks for texts in bytes, in every form in which they could lie about.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Shorter ones occur in any random bytes. */
const LENGTH_MIN = 8;

export class Needles {
  constructor(texts) {
    this.forms = texts.flatMap((text) => forms(text).map((bytes) => ({ text, bytes })));
  }

  /** The texts that are in some bytes. */
  in(bytes) {
    return [...new Set(this.forms.filter((form) => bytes.includes(form.bytes)).map(({ text }) => text))];
  }

  /** Files below a folder with what was found in them or in their names. */
  async below(folder) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const found = [];
    let searched = 0;
    for (const entry of entries.filter((one) => one.isFile())) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const texts = [...this.in(await readFile(path)), ...this.in(Buffer.from(entry.name))];
      searched += 1;
      if (texts.length > 0) found.push(`${path.slice(folder.length)}: ${texts.join(", ")}`);
    }
    return { found, searched };
  }
}

/**
 * What the browser's databases compress (Snappy) has every text as it is where that comes for the first time; what is still
 * there is read through the browser as well, see `storage.test.mjs`.
 */
function forms(text) {
  const bytes = Buffer.from(text);
  const address = encodeURIComponent(text);
  const plain = new Set([text, text.toLowerCase(), text.toUpperCase(), text.normalize("NFD"), escaped(text)]);
  const hex = bytes.toString("hex");
  const packed = [address, address.replaceAll("%20", "+"), hex, hex.toUpperCase(), ...inBase64(bytes)];
  return [...[...plain, ...new Set(packed)].map((form) => Buffer.from(form)), ...[...plain].map((form) => Buffer.from(form, "utf16le"))];
}

/** At each place in a group of three; the ends depend on what is around. */
function inBase64(bytes) {
  const packed = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64").slice(4, -4));
  const long = packed.filter((inner) => inner.length >= LENGTH_MIN);
  return [...long, ...long.map((inner) => inner.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** As JSON has it where only ASCII is written. */
function escaped(text) {
  const inJson = JSON.stringify(text).slice(1, -1);
  return inJson.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
