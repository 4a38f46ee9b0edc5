import { useState } from "react";
import { useMe, useQuery } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Card, Checkbox, EmptyState, Notice } from "../../ui";
import type { Quarantined } from "../../vault";
import { Answer } from "./Answer";
import { QuarantineChart } from "./QuarantineChart";

/** Entries that came too late or from somebody who had lost access, chart by chart. */
export function Quarantine() {
  const words = useTexts().quarantine;
  const { role } = useMe();
  const [decidedToo, setDecidedToo] = useState(false);
  const query = useQuery("quarantine", (vault) => vault.quarantine(decidedToo), [decidedToo]);
  return (
    <>
      <Card title={words.title}>
        <p className="quiet">{words.lead}</p>
        {role === "officer" && <Notice tone="neutral">{words.officer}</Notice>}
        <Checkbox selected={decidedToo} onChange={setDecidedToo}>
          {words.decidedToo} <span className="description">{words.decidedTooExplain}</span>
        </Checkbox>
      </Card>
      <Answer query={query}>
        {(entries) =>
          entries.length === 0 ? <EmptyState icon="check" title={words.none}>{words.noneExplain}</EmptyState> : (
            byChart(entries).map((ofChart) => <QuarantineChart key={ofChart.chart} {...ofChart} />)
          )
        }
      </Answer>
    </>
  );
}

/** In the order in which the vault gives them, so that nothing moves under a finger. */
function byChart(entries: readonly Quarantined[]): { chart: string; entries: Quarantined[] }[] {
  const charts = new Map<string, Quarantined[]>();
  for (const entry of entries) charts.set(entry.chart, [...(charts.get(entry.chart) ?? []), entry]);
  return [...charts].map(([chart, ofChart]) => ({ chart, entries: ofChart }));
}
