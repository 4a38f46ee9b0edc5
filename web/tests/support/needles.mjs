// Looks for texts in bytes, in every form in which they could lie about.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Shorter ones occur in any random bytes. */
const LENGTH_MIN = 7;

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

function forms(text) {
  const bytes = Buffer.from(text);
  const plain = [text, text.toLowerCase(), text.toUpperCase(), text.normalize("NFD"), encodeURIComponent(text)];
  const packed = [0, 1, 2].map((shift) => {
    // At each place in a group of three; the ends depend on what is around.
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return encoded.slice(4, -4);
  });
  const long = packed.filter((inner) => inner.length >= LENGTH_MIN);
  return [...new Set([...plain, bytes.toString("hex"), ...long])].map((form) => Buffer.from(form)).concat(Buffer.from(text, "utf16le"));
}
