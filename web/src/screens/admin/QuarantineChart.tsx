import { useState } from "react";
import { Link } from "wouter";
import { useAct, useMe, useQuery } from "../../app/vaultStore";
import { type Format, type Texts, useFormat, useTexts } from "../../texts";
import { useChartTitles } from "../../texts/records";
import { Badge, Button, Card, Checkbox, Confirm, FailureNotice, toast } from "../../ui";
import type { Quarantined } from "../../vault";
import { toggled } from "./SomeOf";

export interface QuarantineChartProps {
  chart: string;
  entries: readonly Quarantined[];
}

/** What is kept aside in one chart, and deciding about it: about all of it, or what is ticked. */
export function QuarantineChart({ chart, entries }: QuarantineChartProps) {
  const words = useTexts().quarantine;
  const title = useChartTitles();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [admitting, setAdmitting] = useState(false);
  const right = useRightToSettle(chart);
  const may = right === "yes";
  const admit = useAct((vault, ids: string[]) => vault.admit(chart, ids));
  const reject = useAct((vault, ids: string[]) => vault.reject(chart, ids));
  const patient = entries.find((entry) => entry.patient !== undefined)?.patient;
  const meant = entries.filter((entry) => (ticked.size === 0 ? waits(entry) : ticked.has(entry.entry)));
  // By their names, so that what has come since is not decided unseen.
  const toAdmit = meant.filter(isAdmissible).map(({ entry }) => entry);
  const toReject = meant.filter(waits).map(({ entry }) => entry);
  const busy = admit.busy || reject.busy;
  const admitNow = async () => {
    const count = await admit.run(toAdmit);
    setAdmitting(false);
    if (count === undefined) return;
    setTicked(new Set());
    toast(words.admitted(count));
  };
  const rejectNow = async () => {
    const count = await reject.run(toReject);
    if (count === undefined) return;
    setTicked(new Set());
    toast(words.rejected(count));
  };
  const open = <Link href={`/patients/${chart}`} className="button button-secondary">{words.openChart}</Link>;
  return (
    <Card title={patient === undefined ? words.noPatient : title(patient)} actions={patient !== undefined && open}>
      <ul className="admin-entries">
        {entries.map((entry) => (
          <li key={entry.entry}>
            {may && (waits(entry) || isAdmissible(entry)) ? (
              <Checkbox selected={ticked.has(entry.entry)} onChange={() => setTicked(toggled(ticked, entry.entry))} disabled={busy}>
                <EntryLine entry={entry} />
              </Checkbox>
            ) : <EntryLine entry={entry} />}
          </li>
        ))}
      </ul>
      {right === "no" && <p className="quiet">{words.mayNot}</p>}
      <FailureNotice failure={admit.failure ?? reject.failure} />
      {may && (
        <div className="row">
          {toAdmit.length > 0 && (
            <Button variant="primary" icon="check" isDisabled={busy} onPress={() => setAdmitting(true)}>
              {ticked.size === 0 ? words.admitAllOf(toAdmit.length) : words.admitSome(toAdmit.length)}
            </Button>
          )}
          {toReject.length > 0 && (
            <Button icon="close" isDisabled={admit.busy} isPending={reject.busy} onPress={() => void rejectNow()}>
              {ticked.size === 0 ? words.rejectAllOf(toReject.length) : words.rejectSome(toReject.length)}
            </Button>
          )}
        </div>
      )}
      <Confirm
        title={words.admitTitle(toAdmit.length)}
        open={admitting}
        action={words.admit}
        busy={admit.busy}
        onConfirm={() => void admitNow()}
        onCancel={() => setAdmitting(false)}
      >
        <p>{words.admitExplain}</p>
      </Confirm>
    </Card>
  );
}

function EntryLine({ entry }: { entry: Quarantined }) {
  const texts = useTexts();
  const words = texts.quarantine;
  const format = useFormat();
  const { decision } = entry;
  return (
    <span className="admin-entry">
      <span>
        <strong>{words.kinds[entry.kind]}</strong> {words.by(entry.authorName)}
        {entry.timeMs !== undefined && <span className="figures">, {words.written(format.recent(entry.timeMs))}</span>}
      </span>
      {entry.resources.length > 0 && <span>{words.changes(recordsOf(entry.resources, texts, format))}</span>}
      <span className="quiet">{words.why[entry.why]}</span>
      {decision === undefined && !isAdmissible(entry) && <span className="quiet small">{words.onlyChanges}</span>}
      {decision !== undefined && (
        <span>
          <Badge tone={decision.admitted ? "good" : "neutral"} icon={decision.admitted ? "check" : "close"}>
            {decision.admitted ? words.decidedAdmitted : words.decidedRejected}
          </Badge>{" "}
          <span className="quiet small">
            {decision.timeMs === undefined ? words.by(decision.by) : texts.common.by(decision.by, format.recent(decision.timeMs))}
          </span>
        </span>
      )}
    </span>
  );
}

/** Officers decide everywhere; others where they manage the chart and may write at all. */
function useRightToSettle(chart: string): "yes" | "no" | "asking" {
  const { role } = useMe();
  const mine = useQuery("mayManage", async (vault) => (role === "officer" ? undefined : (await vault.access(chart)).mine), [chart, role]);
  if (role === "officer" || (role !== "reader" && mine.data === "manage")) return "yes";
  return mine.asking && role !== "reader" ? "asking" : "no";
}

function waits({ decision }: Quarantined): boolean {
  return decision === undefined;
}

/** Only changes of records can count later, also those that were set aside: sharing is done anew by who may (ENT-13). */
function isAdmissible({ kind, decision }: Quarantined): boolean {
  return kind === "change" && decision?.admitted !== true;
}

/** "2 × Observation and 1 × Problem" */
function recordsOf(keys: readonly string[], { chart }: Texts, format: Format): string {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const type = key.split("/")[0] ?? key;
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return format.list([...counts].map(([type, count]) => `${count} × ${chart.kinds[type] ?? type}`));
}
