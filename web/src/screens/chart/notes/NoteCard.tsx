import { useId, useState } from "react";
import { useFormat, useTexts } from "../../../texts";
import { useRecordCodes, useRecordNames } from "../../../texts/records";
import { Badge, Button } from "../../../ui";
import type { NoteLine } from "../../../vault";
import { HeldMark } from "../HeldMark";
import { ResourceMenu } from "../ResourceMenu";
import { NoteBody } from "./NoteBody";

/** A note: what it is and how it begins, and all of it once somebody reads on. */
export function NoteCard({ line }: { line: NoteLine }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const name = useRecordNames();
  const code = useRecordCodes();
  const [open, setOpen] = useState(false);
  const body = useId();
  const what = name(line.what);
  const when = line.when === undefined ? texts.timelineNoDate : format.dateTime(line.when);
  return (
    <li className="card stack-small">
      <div className="record-line">
        <div className="record-words">
          <h2 className="heading-small">{what}</h2>
          <p className="record-facts">
            <span className="figures">{when}</span>
            {line.author !== undefined && <span>{texts.noteBy(line.author)}</span>}
            {line.status !== undefined && <Badge>{code(line.status)}</Badge>}
          </p>
          <HeldMark held={line.held} />
        </div>
        <ResourceMenu held={line.held} what={`${what}, ${when}`} />
      </div>
      {!open && line.lines.map((text, at) => <p key={at} className="note-text">{text}</p>)}
      {!open && line.form !== undefined && <p className="quiet">{texts.noteUnreadable(line.form)}</p>}
      <div id={body}>{open && <NoteBody resourceKey={line.held.key} what={what} />}</div>
      <div className="row">
        <Button variant="quiet" icon="note" aria-expanded={open} aria-controls={body} onPress={() => setOpen(!open)}>
          {open ? texts.noteClose(what) : texts.noteRead(what)}
        </Button>
      </div>
    </li>
  );
}
