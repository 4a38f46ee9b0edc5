// Reads the words of a PDF that Chromium has printed: enough to know what stands on each page, and no more.

import { inflateSync } from "node:zlib";

/** The text of each page, in the order of the file. */
export function pagesOf(bytes) {
  const streams = [...streamsIn(bytes)];
  const fonts = streams.filter((text) => text.includes("beginbfchar") || text.includes("beginbfrange")).map(lettersOf);
  // What draws text is the content of a page. Which font is meant by which name does not matter: a run of glyphs reads as
  // words in its own font alone.
  const contents = streams.filter((text) => /\bT[jJ]\b/.test(text));
  return contents.map((content) => fonts.map((letters) => read(content, letters)).join("\n"));
}

/** The count of pages as the file itself says it. */
export function pageCount(bytes) {
  return bytes.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

function* streamsIn(bytes) {
  const text = bytes.toString("latin1");
  for (const { index, 0: head } of text.matchAll(/stream\r?\n/g)) {
    if (text.slice(index - 3, index) === "end") continue;
    const start = index + head.length;
    const packed = bytes.subarray(start, text.indexOf("endstream", start));
    try {
      yield inflateSync(packed).toString("latin1");
    } catch (error) {
      // Fonts and pictures are packed in other ways, or not at all.
      if (error.code === undefined) throw error;
    }
  }
}

/** Glyphs of one font, in hexadecimal, with the letters that they stand for (PDF 32000-1, 9.10.3). */
function lettersOf(map) {
  const letters = new Map();
  for (const [, block] of map.matchAll(/beginbfchar([^]*?)endbfchar/g)) {
    for (const [, glyph, letter] of block.matchAll(/<([0-9a-f]+)>\s*<([0-9a-f]+)>/gi)) letters.set(glyph.toLowerCase(), unicode(letter));
  }
  for (const [, block] of map.matchAll(/beginbfrange([^]*?)endbfrange/g)) {
    for (const [, first, last, letter] of block.matchAll(/<([0-9a-f]+)>\s*<([0-9a-f]+)>\s*<([0-9a-f]+)>/gi)) {
      const begin = parseInt(first, 16);
      for (let glyph = begin; glyph <= parseInt(last, 16); glyph += 1) {
        const name = glyph.toString(16).padStart(first.length, "0");
        letters.set(name, String.fromCodePoint(parseInt(letter, 16) + glyph - begin));
      }
    }
  }
  return letters;
}

function read(content, letters) {
  const digits = [...letters.keys()][0]?.length ?? 4;
  const runs = content.matchAll(/<([0-9a-f]+)>|\bET\b/gi);
  return [...runs].map(([, glyphs]) => (glyphs === undefined ? "\n" : decoded(glyphs, digits, letters))).join("");
}

function decoded(glyphs, digits, letters) {
  const names = glyphs.toLowerCase().match(new RegExp(`.{${digits}}`, "g")) ?? [];
  return names.map((name) => letters.get(name) ?? "").join("");
}

function unicode(hex) {
  return (hex.match(/.{4}/g) ?? []).map((unit) => String.fromCharCode(parseInt(unit, 16))).join("");
}
