import { useState } from "react";
import { useQuery } from "../../../app/vaultStore";
import { type Format, useFormat, useTexts } from "../../../texts";
import { useKindNames, useLineWords } from "../../../texts/records";
import { Badge, EmptyState, FailureNotice, More, Unanswered } from "../../../ui";
import type { TimelineItem } from "../../../vault";
import { useChartActions } from "../chartActions";
import { RecordLine } from "../RecordLine";
import { useKept } from "../useKept";
import { hasTimeOfDay } from "../vitals/times";

const LINES = 50;

/** Records by the day that they are about. */
export function Events({ kinds }: { kinds: string[] }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const { chart } = useChartActions();
  const [most, setMost] = useState(LINES);
  const asked = useQuery("timeline", (vault) => vault.timeline(chart, { kinds, skip: 0, most }), [chart, kinds, most]);
  const timeline = useKept(asked.data);
  if (timeline === undefined) return <Unanswered failure={asked.failure} />;
  const { items, more } = timeline;
  if (items.length === 0) return <EmptyState icon="clock" title={texts.timelineNone} />;
  return (
    <>
      <FailureNotice failure={asked.failure} />
      <p className="quiet small figures" role="status">{texts.timelineShown(items.length, more)}</p>
      {byDay(items, format).map(({ day, items: ofDay }) => (
        // The place of its first record: a day may come twice, since days of other time zones lie between.
        <section key={ofDay[0]?.held.key} className="stack-small">
          <h2 className="heading-small">{day ?? texts.timelineNoDate}</h2>
          <ul className="record-list">{ofDay.map((item) => <EventLine key={item.held.key} item={item} />)}</ul>
        </section>
      ))}
      {more > 0 && <More count={Math.min(more, LINES)} pending={asked.asking} onMore={() => setMost(most + LINES)} />}
    </>
  );
}

function EventLine({ item }: { item: TimelineItem }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const kindName = useKindNames();
  const words = useLineWords();
  const { held, line, when, enteredInError } = item;
  const time = when !== undefined && hasTimeOfDay(when) ? format.time(when) : undefined;
  return (
    <RecordLine
      held={held}
      what={words.short(line)}
      marks={
        <>
          <Badge>{kindName(line.kind)}</Badge>
          {enteredInError && <Badge tone="warn" icon="alert">{texts.enteredInError}</Badge>}
        </>
      }
      facts={[time]}
    />
  );
}

interface Day {
  /** Absent for records without a date. */
  day: string | undefined;
  items: TimelineItem[];
}

/** Neighbours of one day together, in the order that they came in. */
function byDay(items: readonly TimelineItem[], format: Format): Day[] {
  const days: Day[] = [];
  for (const item of items) {
    const day = item.when === undefined ? undefined : format.date(item.when);
    const last = days.at(-1);
    if (last !== undefined && last.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}
