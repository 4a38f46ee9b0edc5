// The bytes of a file, out of the vault or from the server.

import type { AttachmentPlace, BytesProgress, SealedPlace, Vault } from "../../../vault";

/** Where a file is that the vault can read. */
export type HeldPlace = Exclude<AttachmentPlace, { kind: "elsewhere" }>;

/** As much as the server gives at once, so that a device that locks meanwhile does not wait for the rest. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** All of it at once. What came from the server stays on this device then, sealed. */
export function readWhole(
  vault: Vault, chart: string, resourceKey: string, place: HeldPlace, onProgress: (progress: BytesProgress) => void,
): Promise<Uint8Array> {
  return place.kind === "sealed"
    ? vault.attachmentBytes(chart, place.blob, undefined, undefined, onProgress)
    : vault.inlineBytes(chart, resourceKey, place.index);
}

/** Piece by piece, for a file that does not fit into the memory of the vault. */
export async function readInPieces(
  vault: Vault, chart: string, { blob }: SealedPlace, bytes: number, onProgress: (progress: BytesProgress) => void,
): Promise<Blob> {
  const pieces: Blob[] = [];
  for (let first = 0; first < bytes; first += PIECE_BYTES) {
    const last = Math.min(first + PIECE_BYTES, bytes) - 1;
    const piece = await vault.attachmentBytes(chart, blob, first, last, ({ done }) => onProgress({ done: first + done, all: bytes }));
    pieces.push(blobOf(piece));
  }
  return new Blob(pieces);
}

/** The vault's bytes are never shared with its worker, which their type does not say. */
export function blobOf(bytes: Uint8Array, type = ""): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
}
