import { useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, FailureNotice, Notice, ProgressBar } from "../../ui";
import type { AcknowledgedAlarm, CheckProgress, Finding, Vault } from "../../vault";
import { type FindingKind, findingKind } from "./findingKind";

/** What a check came to, in the reader's words. */
export interface Outcome {
  said: readonly string[];
  findings: readonly Finding[];
  /** Findings of earlier that somebody took note of. */
  acknowledged: readonly AcknowledgedAlarm[];
}

export interface CheckProps {
  title: string;
  explain: string;
  /** What to do where something was found. */
  advice: string;
  run(vault: Vault, onProgress: (progress: CheckProgress) => void): Promise<Outcome>;
}

/** A check that somebody starts, how far it is, and what it found. */
export function Check({ title, explain, advice, run }: CheckProps) {
  const { admin, errors } = useTexts();
  const words = admin.security;
  const format = useFormat();
  const [progress, setProgress] = useState<CheckProgress>();
  const [outcome, setOutcome] = useState<Outcome>();
  const act = useAct((vault) => run(vault, setProgress), { writes: false });
  const start = async () => {
    setProgress(undefined);
    setOutcome(undefined);
    setOutcome(await act.run());
  };
  const far = ({ done, all }: CheckProgress) =>
    all === 0 ? words.progressOpen(format.number(done)) : words.progress(format.number(done), format.number(all));
  return (
    <Card title={title}>
      <p className="measure">{explain}</p>
      {act.busy && <ProgressBar label={words.working} value={progress?.done} max={progress?.all ?? 0} words={progress && far(progress)} />}
      {act.failure?.kind === "offline" ? <Notice announce>{errors.offlineNeeded}</Notice> : <FailureNotice failure={act.failure} />}
      {outcome !== undefined && <Result outcome={outcome} advice={advice} />}
      <div className="row">
        <Button icon="shield" isPending={act.busy} onPress={() => void start()}>{outcome === undefined ? words.start : words.again}</Button>
      </div>
    </Card>
  );
}

function Result({ outcome: { said, findings, acknowledged }, advice }: { outcome: Outcome; advice: string }) {
  const words = useTexts().admin.security;
  const format = useFormat();
  const well = findings.length === 0;
  return (
    <>
      <Notice tone={well ? "good" : "bad"} title={well ? words.well : words.notWell(findings.length)} announce>
        {said.map((sentence) => <p key={sentence}>{sentence}</p>)}
        {!well && <p>{advice}</p>}
      </Notice>
      {!well && <Findings findings={findings} />}
      {acknowledged.length > 0 && (
        <section className="stack-small">
          <h3>{words.acknowledged}</h3>
          <p className="quiet">{words.acknowledgedExplain}</p>
          <ul className="admin-entries">
            {acknowledged.map(({ what, by, timeMs }) => (
              <li key={what}>
                <span className="admin-entry">
                  <span lang="en">{what}</span>
                  <span className="quiet small">{words.acknowledgedBy(by, format.dateTime(timeMs))}</span>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Each kind once in plain words; below it what the program says of each, for who looks into it. */
function Findings({ findings }: { findings: readonly Finding[] }) {
  const words = useTexts().admin.security;
  const kinds = new Map<FindingKind, Finding[]>();
  for (const finding of findings) {
    const kind = findingKind(finding.what);
    kinds.set(kind, [...(kinds.get(kind) ?? []), finding]);
  }
  return (
    <section className="stack-small">
      <h3>{words.findings}</h3>
      <ul className="admin-entries">
        {[...kinds].map(([kind, ofKind]) => (
          <li key={kind}>
            <span className="admin-entry">
              <strong>{words.plain[kind]}</strong>
              <details>
                <summary>{words.details}</summary>
                <ul className="stack-small" lang="en">
                  {ofKind.map(({ what, reason }) => <li key={`${what} ${reason}`}>{what}: {reason}</li>)}
                </ul>
              </details>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
