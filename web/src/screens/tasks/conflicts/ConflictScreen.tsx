import { useEffect, useId } from "react";
import { Link } from "wouter";
import { useMe, useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { useChartTitles, useLineWords } from "../../../texts/records";
import { Button, Card, EmptyState, FailureNotice, Notice, PageHeader } from "../../../ui";
import type { Conflict, ConflictLine, LineParts } from "../../../vault";
import { decisionKey } from "../drafts/places";
import { ElementField } from "./ElementField";
import { Result } from "./Result";
import { useDecision } from "./useDecision";
import { FhirText, Versions } from "./Versions";

export interface ConflictScreenProps {
  line: ConflictLine;
  onClose(): void;
  onDecided(warnings: readonly string[]): void;
}

/** One record that several people changed apart, until somebody decides or leaves it for later. */
export function ConflictScreen({ line, onClose, onDecided }: ConflictScreenProps) {
  const { common, conflicts: texts, tasks } = useTexts();
  const { chart, key } = line;
  const { role } = useMe();
  useEffect(() => {
    // It comes in place of the list, which may have been scrolled.
    window.scrollTo(0, 0);
  }, []);
  const { data, failure } = useQuery(
    "conflict",
    async (vault) => ({
      conflict: await vault.conflict(chart, key),
      draft: await vault.draft(decisionKey(chart, key)),
      access: (await vault.access(chart)).mine,
    }),
    [chart, key],
  );
  const back = <Button icon="back" onPress={onClose}>{texts.later}</Button>;
  // Somebody else was faster, or what was changed since differs no more.
  const isDecided = failure?.kind === "conflict" || data?.conflict.elements.length === 0;
  if (isDecided) {
    return (
      <>
        <PageHeader title={tasks.decision} />
        <EmptyState icon="check" title={tasks.decidedMeanwhile} actions={<Button onPress={onClose}>{common.back}</Button>} />
      </>
    );
  }
  const mayDecide = data?.access !== undefined && data.access !== "read" && role !== "reader";
  return (
    <>
      <PageHeader title={tasks.decision} lead={texts.lead} actions={back} />
      <FailureNotice failure={failure} />
      {data === undefined && failure === undefined && <p className="quiet" role="status">{common.loading}</p>}
      {data !== undefined && (
        <OpenConflict what={line.line} conflict={data.conflict} draft={data.draft} mayDecide={mayDecide} onDecided={onDecided} />
      )}
    </>
  );
}

interface OpenConflictProps {
  what: LineParts;
  conflict: Conflict;
  draft: string | undefined;
  mayDecide: boolean;
  onDecided(warnings: readonly string[]): void;
}

function OpenConflict({ what, conflict, draft, mayDecide, onDecided }: OpenConflictProps) {
  const { conflicts: texts, tasks } = useTexts();
  const words = useLineWords();
  const title = useChartTitles();
  const deciding = useDecision(conflict, draft);
  const question = useId();
  const { decision, outdated, choose, chooseAll } = deciding;
  const open = <Link href={`/patients/${conflict.chart}`} className="button button-secondary">{tasks.openChart}</Link>;
  const mayChoose = mayDecide && decision.text === undefined;
  return (
    <>
      <Card title={title(conflict.patient)} actions={open}>
        <p>{words.whole(what)}</p>
        {conflict.merged !== undefined && <FhirText title={texts.shownMeanwhile} text={conflict.merged} />}
        {!mayDecide && <Notice tone="neutral">{tasks.mayNotDecide}</Notice>}
        {outdated !== undefined && (
          <Notice tone="warn" title={tasks.changedMeanwhile} announce>
            {outdated.text !== undefined && <FhirText title={tasks.yourText} text={outdated.text} />}
          </Notice>
        )}
      </Card>
      <section className="stack" aria-labelledby={question}>
        <h2 id={question}>{texts.question}</h2>
        {conflict.elements.map((element) => (
          <ElementField
            key={element.path}
            element={element}
            versions={conflict.versions}
            choice={decision.choices[element.path]}
            busy={deciding.act.busy}
            onChoose={mayChoose ? (choice) => choose(element.path, choice) : undefined}
          />
        ))}
      </section>
      <Versions versions={conflict.versions} onTake={mayChoose && !deciding.act.busy ? chooseAll : undefined} />
      {mayDecide && <Result conflict={conflict} deciding={deciding} onDecided={onDecided} />}
    </>
  );
}
