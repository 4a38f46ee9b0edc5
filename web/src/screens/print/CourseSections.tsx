import { useFormat, useTexts } from "../../texts";
import { useRecordWords } from "../../texts/records";
import type { Encounter, NoteLine, PrintPage } from "../../vault";
import { PlainTable } from "./PlainTable";
import { Section } from "./Section";

/** A handover is about what happened lately; the rest is counted and stays in the chart. */
const LATEST_MAX = 10;

/** What happened lately: encounters and notes, newest first. */
export function CourseSections({ page: { encounters, notes } }: { page: PrintPage }) {
  return (
    <>
      {encounters.length > 0 && <Encounters encounters={encounters} />}
      {notes.length > 0 && <Notes notes={notes} />}
    </>
  );
}

function Encounters({ encounters }: { encounters: readonly Encounter[] }) {
  const { chart, print: words } = useTexts();
  const format = useFormat();
  const word = useRecordWords();
  const rows = encounters.slice(0, LATEST_MAX).map(({ held, what, start, end, reason, status }) => ({
    key: held.key,
    cells: [
      <span className="figures">{start === undefined ? chart.timelineNoDate : format.dateTime(start)}</span>,
      word(what),
      end !== undefined && chart.until(format.dateTime(end)),
      reason,
      status !== undefined && word(status),
    ],
  }));
  return (
    <Section title={chart.encounters}>
      <PlainTable caption={chart.encounters} heads={[words.when, words.what, words.ended, words.reason, words.status]} rows={rows} />
      <Rest of={encounters.length} />
    </Section>
  );
}

function Notes({ notes }: { notes: readonly NoteLine[] }) {
  const { chart } = useTexts();
  const format = useFormat();
  const word = useRecordWords();
  return (
    <Section title={chart.notes}>
      {notes.slice(0, LATEST_MAX).map(({ held, what, when, author, lines, form, status }) => (
        <div key={held.key} className="handover-note keep-together">
          <h3>{word(what)}</h3>
          <p className="figures">
            {[when === undefined ? chart.timelineNoDate : format.dateTime(when), author, status].filter((text) => text !== undefined).map(word).join(", ")}
          </p>
          {lines.map((line, at) => <p key={at}>{line}</p>)}
          {lines.length === 0 && form !== undefined && <p>{chart.noteUnreadable(form)}</p>}
        </div>
      ))}
      <Rest of={notes.length} />
    </Section>
  );
}

function Rest({ of: all }: { of: number }) {
  const words = useTexts().print;
  return all > LATEST_MAX ? <p>{words.inChart(all - LATEST_MAX)}</p> : null;
}
