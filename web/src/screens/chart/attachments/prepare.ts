// A file on its way into a chart. Pictures are drawn anew, which leaves behind what a camera wrote into them.

import { type FileType, TEXT_BYTES_MAX, typeOf } from "./fileType";

/** As many as the smallest canvas has that browsers on tablets give. */
const PIXELS_MAX = 16_000_000;
/** Of a JPEG, from 0 to 1: above this, files grow and nobody sees why. */
const QUALITY = 0.92;
/** Several pictures in one, as a rule: drawing one would leave the others behind. */
const OF_SEVERAL: ReadonlySet<string> = new Set(["image/gif", "image/tiff"]);

export interface Prepared extends FileType {
  content: Blob;
  /** Place, time and camera data: taken out, perhaps still in it, or of a kind that comes out of no camera. */
  metadata: "removed" | "remain" | "none";
}

export async function prepare(file: Blob): Promise<Prepared> {
  const is = typeOf(new Uint8Array(await file.slice(0, TEXT_BYTES_MAX).arrayBuffer()));
  if (is.kind === "film" || OF_SEVERAL.has(is.type)) return { ...is, content: file, metadata: "remain" };
  if (is.kind !== "image") return { ...is, content: file, metadata: "none" };
  const type = is.type === "image/png" ? "image/png" : "image/jpeg";
  const content = await drawnAnew(file, type);
  return content === undefined ? { ...is, content: file, metadata: "remain" } : { kind: "image", type, content, metadata: "removed" };
}

/** `undefined` where this browser cannot read the picture. */
async function drawnAnew(picture: Blob, type: "image/png" | "image/jpeg"): Promise<Blob | undefined> {
  try {
    // Turned as its metadata say.
    const bitmap = await createImageBitmap(picture);
    const scale = Math.min(1, Math.sqrt(PIXELS_MAX / (bitmap.width * bitmap.height)));
    const canvas = new OffscreenCanvas(sized(bitmap.width * scale), sized(bitmap.height * scale));
    const context = canvas.getContext("2d");
    if (context === null) return undefined;
    if (type === "image/jpeg") {
      // Which has no transparency, and would show black there.
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, canvas.width, canvas.height);
    }
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return await canvas.convertToBlob({ type, quality: QUALITY });
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

function sized(side: number): number {
  return Math.max(1, Math.floor(side));
}
