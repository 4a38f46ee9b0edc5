import type { ReactNode } from "react";
import type { Held } from "../../vault";
import { HeldMark } from "./HeldMark";
import { ResourceMenu } from "./ResourceMenu";

export interface RecordLineProps {
  held: Held;
  /** What the record is about. */
  what: string;
  /** Beside it: what a reader must not miss. */
  marks?: ReactNode;
  /** Below it, one after the other; absent ones are left out. */
  facts?: readonly (string | undefined)[];
}

/** One record in a list, with how far it has come and what can be done with it. */
export function RecordLine({ held, what, marks, facts = [] }: RecordLineProps) {
  const said = facts.filter((fact) => fact !== undefined);
  return (
    <li className="record-line">
      <div className="record-words">
        <p className="record-what">
          <strong>{what}</strong>
          {marks}
        </p>
        {said.length > 0 && <p className="record-facts">{said.map((fact, at) => <span key={at}>{fact}</span>)}</p>}
        <HeldMark held={held} />
      </div>
      <ResourceMenu held={held} what={what} />
    </li>
  );
}
