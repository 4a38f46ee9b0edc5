import { useState } from "react";
import { useFormat, useTexts } from "../../../texts";
import { useKindNames } from "../../../texts/records";
import { Select } from "../../../ui";
import type { ChartPage } from "../../../vault";
import { Encounters } from "./Encounters";
import { Events } from "./Events";

const EVERYTHING = "everything";
/** The vault leaves these out too: the person and the form that others are filled in on are no events. */
const NO_EVENTS = ["Patient", "Questionnaire"];

/** What happened, the latest first, of one kind or of all. */
export function TimelineTab({ page }: { page: ChartPage }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const kindName = useKindNames();
  const [wanted, setWanted] = useState(EVERYTHING);
  const kinds = page.counts.filter(({ kind }) => !NO_EVENTS.includes(kind));
  const options = kinds
    .map(({ kind, count }) => ({ id: kind, label: `${kindName(kind)} (${count})` }))
    .sort((a, b) => format.compare(a.label, b.label));
  const kind = kinds.some((one) => one.kind === wanted) ? wanted : EVERYTHING;
  return (
    <div className="stack">
      <Select
        label={texts.timelineFilter}
        className="timeline-filter"
        options={[{ id: EVERYTHING, label: texts.timelineAll }, ...options]}
        value={kind}
        onChange={setWanted}
      />
      {kind === EVERYTHING && page.enteredInError > 0 && <p className="quiet small">{texts.timelineInError(page.enteredInError)}</p>}
      {kind === "Encounter" ? <Encounters encounters={page.encounters} /> : (
        // A filter of its own begins at the top, and never shows what another one found.
        <Events key={kind} kinds={kind === EVERYTHING ? [] : [kind]} />
      )}
    </div>
  );
}
