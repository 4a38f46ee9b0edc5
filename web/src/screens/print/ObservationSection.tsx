import { useFormat, useTexts } from "../../texts";
import { useRecordWords } from "../../texts/records";
import type { Series } from "../../vault";
import { PlainTable } from "./PlainTable";
import { Section } from "./Section";

/** The newest value of each kind with its own time, range and flag. On paper a flag is a word, never a colour. */
export function ObservationSection({ title, series }: { title: string; series: readonly Series[] }) {
  const { print: words, vitals } = useTexts();
  const format = useFormat();
  const word = useRecordWords();
  if (series.length === 0) return null;
  const rows = series.flatMap(({ id, what, points }) => {
    const point = points.at(-1);
    if (point === undefined) return [];
    const { value, unit, range, flag, when, status } = point;
    const cells = [
      word(what),
      <span className="figures">{unit === undefined ? word(value) : `${value} ${unit}`}</span>,
      flag !== undefined && <strong>{vitals.flags[flag]}</strong>,
      range,
      <span className="figures">{when === undefined ? vitals.noTime : format.dateTime(when)}</span>,
      status !== undefined && word(status),
    ];
    return [{ key: id, cells }];
  });
  return (
    <Section title={title}>
      <PlainTable caption={title} heads={[words.what, vitals.value, vitals.flag, vitals.range, vitals.when, words.status]} rows={rows} />
    </Section>
  );
}
