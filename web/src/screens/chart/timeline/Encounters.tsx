import { useState } from "react";
import { useFormat, useTexts } from "../../../texts";
import { useRecordCodes, useRecordNames } from "../../../texts/records";
import { Badge, EmptyState, More } from "../../../ui";
import type { Encounter } from "../../../vault";
import { RecordLine } from "../RecordLine";

const LINES = 50;

/** When a person was seen, how, and why. */
export function Encounters({ encounters }: { encounters: readonly Encounter[] }) {
  const { chart: texts } = useTexts();
  const [most, setMost] = useState(LINES);
  const more = Math.max(0, encounters.length - most);
  if (encounters.length === 0) return <EmptyState icon="clock" title={texts.encountersNone} />;
  return (
    <section className="stack-small">
      <h3>{texts.encounters}</h3>
      <ul className="record-list">
        {encounters.slice(0, most).map((encounter) => <EncounterLine key={encounter.held.key} encounter={encounter} />)}
      </ul>
      {more > 0 && <More count={Math.min(more, LINES)} onMore={() => setMost(most + LINES)} />}
    </section>
  );
}

function EncounterLine({ encounter }: { encounter: Encounter }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const name = useRecordNames();
  const code = useRecordCodes();
  const { held, what, class: kind, start, end, reason, status } = encounter;
  const from = start === undefined ? texts.timelineNoDate : format.dateTime(start);
  // Of a visit that ends on the day it began, the time is enough.
  const sameDay = start !== undefined && end !== undefined && format.date(start) === format.date(end);
  const to = end === undefined ? undefined : sameDay ? format.time(end) : format.dateTime(end);
  return (
    <RecordLine
      held={held}
      what={name(what)}
      marks={
        <>
          {kind !== undefined && <Badge>{code(kind)}</Badge>}
          {status !== undefined && <Badge tone="info">{code(status)}</Badge>}
        </>
      }
      facts={[to === undefined || to === from ? from : `${from} – ${to}`, reason]}
    />
  );
}
