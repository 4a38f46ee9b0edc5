// What kind of file it is. What a record says of it is a hint; what is shown goes by the bytes (BRW-05).

export type FileKind = "image" | "film" | "pdf" | "text" | "other";

export interface FileType {
  kind: FileKind;
  /** MIME type. */
  type: string;
}

/** Bytes of a text that are shown, and that are looked at to tell a text. */
export const TEXT_BYTES_MAX = 200_000;

const BEGINNING_BYTES = 16;
/** Byte by byte as letters of Latin-1. SVG is none of them: it is a text that can name other files. */
const BEGINNINGS: readonly (readonly [kind: FileKind, type: string, begins: RegExp])[] = [
  ["image", "image/jpeg", /^\xff\xd8\xff/],
  ["image", "image/png", /^\x89PNG\r\n\x1a\n/],
  ["image", "image/gif", /^GIF8[79]a/],
  ["image", "image/webp", /^RIFF[^]{4}WEBP/],
  ["image", "image/avif", /^[^]{4}ftypavi[fs]/],
  ["image", "image/heic", /^[^]{4}ftyp(?:hei[cmsx]|hev[cmsx]|mif[12]|miaf|msf1)/],
  // DNG and the raw pictures of most cameras are TIFF.
  ["image", "image/tiff", /^(?:II[*+U]\0|MM\0[*+])/],
  ["image", "image/x-canon-cr3", /^[^]{4}ftypcrx /],
  ["image", "image/jp2", /^\0\0\0\x0cjP {2}/],
  ["image", "image/jxl", /^\0\0\0\x0cJXL /],
  ["film", "video/mp4", /^[\0-\x08][^]{3}(?:ftyp|moov|mdat|wide|free|skip)/],
  ["film", "video/webm", /^\x1a\x45\xdf\xa3/],
  ["film", "video/x-msvideo", /^RIFF[^]{4}AVI /],
  ["pdf", "application/pdf", /^%PDF-/],
];
/** Control characters that no text has. */
const NO_TEXT = /[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]/;

/** By what the record says, for lists. */
export function kindOf(contentType: string): FileKind {
  const type = contentType.toLowerCase();
  if (type.startsWith("image/")) return "image";
  if (type.startsWith("video/")) return "film";
  if (type.startsWith("text/")) return "text";
  return type.startsWith("application/pdf") ? "pdf" : "other";
}

/** By the first bytes, which are all of a short file. */
export function typeOf(bytes: Uint8Array): FileType {
  const beginning = String.fromCharCode(...bytes.subarray(0, BEGINNING_BYTES));
  const known = BEGINNINGS.find(([, , begins]) => begins.test(beginning));
  if (known !== undefined) return { kind: known[0], type: known[1] };
  return textIn(bytes) === undefined ? { kind: "other", type: "application/octet-stream" } : { kind: "text", type: "text/plain" };
}

/** The beginning of a text in UTF-8; `undefined` where it is something else. */
export function textIn(bytes: Uint8Array): string | undefined {
  try {
    // A letter that is cut in two at the end is left out.
    const stream = bytes.length > TEXT_BYTES_MAX;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, TEXT_BYTES_MAX), { stream });
    return text === "" || NO_TEXT.test(text) ? undefined : text;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
