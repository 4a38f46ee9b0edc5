// Values as a person reads them: words without quotes, numbers with their digits, notes instead of base64.

import { useMemo } from "react";
import { decodeText } from "../../../app/files";
import { useFormat, useTexts } from "../../../texts";
import { classes } from "../../../ui";
import { Narrative } from "../../../ui/Narrative";
import { joined, type Leaf, leavesOf, stringIn } from "./leaves";
import { isData } from "./typed";
import { useElementNames } from "./useElementNames";

export interface ValueProps {
  /** As JSON. */
  json: string;
  /** Of the element; empty for the record itself. */
  path: string;
  /** Says which of its leaves, by their paths in it, to mark. */
  marks(path: string): boolean;
}

/** A value: by itself, or as the parts that it has. */
export function Value({ json, path, marks }: ValueProps) {
  const leaves = useMemo(() => leavesOf(json), [json]);
  const nameOf = useElementNames();
  const [first, ...others] = leaves;
  if (first !== undefined && others.length === 0 && first.path === "") return <LeafValue leaf={first} path={path} />;
  return (
    <dl className="value-parts">
      {leaves.map((leaf) => (
        <div key={leaf.path} className={classes(marks(leaf.path) && "value-marked")}>
          <dt className="quiet">{nameOf(leaf.path)}</dt>
          <dd><LeafValue leaf={leaf} path={joined(path, leaf.path)} /></dd>
        </div>
      ))}
    </dl>
  );
}

function LeafValue({ leaf: { raw }, path }: { leaf: Leaf; path: string }) {
  const { common, tasks } = useTexts();
  const format = useFormat();
  const nameOf = useElementNames();
  if (raw === "true" || raw === "false") return <span>{raw === "true" ? common.yes : common.no}</span>;
  const said = stringIn(raw);
  if (/(?:^|\.)div$/.test(path)) return <Narrative xhtml={said} label={nameOf(path)} />;
  if (!isData(path)) return <span className="value-text">{said}</span>;
  const text = decodeText(said);
  // Three bytes in four letters.
  if (text === undefined) return <span className="quiet">{tasks.fileOf(format.bytes(Math.floor((said.length * 3) / 4)))}</span>;
  return <span className="value-text">{text}</span>;
}
