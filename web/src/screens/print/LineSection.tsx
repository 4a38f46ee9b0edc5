import { useFormat, useTexts } from "../../texts";
import { useLineWords } from "../../texts/records";
import type { TimelineItem } from "../../vault";
import { Section } from "./Section";

/** Records that are told in one line each; no section where there are none. */
export function LineSection({ title, items }: { title: string; items: readonly TimelineItem[] }) {
  const { chart } = useTexts();
  const format = useFormat();
  const words = useLineWords();
  if (items.length === 0) return null;
  return (
    <Section title={title}>
      <ul className="handover-lines">
        {items.map(({ held, line, when }) => (
          <li key={held.key}>
            <span className="figures">{when === undefined ? chart.timelineNoDate : format.date(when)}</span> {words.short(line)}
          </li>
        ))}
      </ul>
    </Section>
  );
}
