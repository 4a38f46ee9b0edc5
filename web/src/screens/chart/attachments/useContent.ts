import { useEffect, useState } from "react";
import { changed, useAct } from "../../../app/vaultStore";
import type { Attachment, BytesProgress, Failure } from "../../../vault";
import { type FileType, textIn, typeOf } from "./fileType";
import { blobOf, type HeldPlace, readWhole } from "./reading";

/** A file that was opened. It is in memory only. */
export interface Content extends FileType {
  blob: Blob;
  /** Its beginning, where it is a text. */
  text: string | undefined;
}

export interface Reading {
  content: Content | undefined;
  progress: BytesProgress | undefined;
  failure: Failure | undefined;
  again(): void;
}

/** Reads a file once, and not again with each change of the chart, as a query would. */
export function useContent(chart: string, { held }: Attachment, place: HeldPlace): Reading {
  const [content, setContent] = useState<Content>();
  const [progress, setProgress] = useState<BytesProgress>();
  const [turn, setTurn] = useState(0);
  const reading = useAct((vault) => readWhole(vault, chart, held.key, place, setProgress), { writes: false });
  useEffect(() => {
    let current = true;
    void reading.run().then((bytes) => {
      if (!current || bytes === undefined) return;
      setContent(contentOf(bytes));
      // The list says where it is now.
      if (place.kind === "sealed" && !place.onDevice) changed();
    });
    return () => {
      current = false;
    };
    // Of what the dialog was opened with: it is not read again for anything but a new turn.
  }, [turn]);
  return { content, progress, failure: reading.failure, again: () => setTurn(turn + 1) };
}

function contentOf(bytes: Uint8Array): Content {
  const is = typeOf(bytes);
  // With the type that its bytes tell, no browser takes a file for a page of this app.
  return { ...is, blob: blobOf(bytes, is.type), text: is.kind === "text" ? textIn(bytes) : undefined };
}
