import { useFormat, useTexts } from "../../../texts";
import { useRecordCodes, useRecordNames } from "../../../texts/records";
import { Badge, Card } from "../../../ui";
import type { ChartPage, Problem } from "../../../vault";
import { RecordLine } from "../RecordLine";
import { PastOnes } from "./PastOnes";

export function ProblemCard({ page }: { page: ChartPage }) {
  const { chart: texts } = useTexts();
  const now = page.problems.filter(({ past }) => !past);
  const past = page.problems.filter((problem) => problem.past);
  return (
    <Card title={texts.problems}>
      {now.length === 0 ? <p className="quiet">{texts.problemsNone}</p> : (
        <ul className="record-list">{now.map((problem) => <ProblemLine key={problem.held.key} problem={problem} />)}</ul>
      )}
      <PastOnes title={texts.problemsPast} count={past.length}>
        {past.map((problem) => <ProblemLine key={problem.held.key} problem={problem} />)}
      </PastOnes>
      {page.problemsRefuted > 0 && <p className="quiet small">{texts.problemsRefuted(page.problemsRefuted)}</p>}
    </Card>
  );
}

function ProblemLine({ problem }: { problem: Problem }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const name = useRecordNames();
  const code = useRecordCodes();
  const { held, what, status, onset, ended, severity, certainty } = problem;
  return (
    <RecordLine
      held={held}
      what={name(what)}
      marks={
        <>
          {severity !== undefined && <Badge>{code(severity)}</Badge>}
          {certainty !== undefined && <Badge tone="warn">{code(certainty)}</Badge>}
          {status !== undefined && <Badge>{code(status)}</Badge>}
        </>
      }
      facts={[onset && texts.since(format.date(onset)), ended && texts.until(format.date(ended))]}
    />
  );
}
