import { useTexts } from "../../../texts";
import { useChartTitles, useLineWords } from "../../../texts/records";
import { Badge, Button, Card } from "../../../ui";
import type { ConflictLine } from "../../../vault";
import { decisionKey } from "../drafts/places";

export interface ConflictCardProps {
  conflicts: readonly ConflictLine[];
  /** Keys of drafts: a decision that was begun is marked. */
  begun: ReadonlySet<string>;
  onOpen(line: ConflictLine): void;
}

/** Records that several people changed apart, in every chart that this member may open. */
export function ConflictCard({ conflicts, begun, onOpen }: ConflictCardProps) {
  const { conflicts: texts } = useTexts();
  return (
    <Card title={texts.title}>
      <p className="quiet measure">{texts.lead}</p>
      <ul className="task-lines">
        {conflicts.map((line) => (
          <Line
            key={`${line.chart} ${line.key}`}
            line={line}
            begun={begun.has(decisionKey(line.chart, line.key))}
            onOpen={() => onOpen(line)}
          />
        ))}
      </ul>
    </Card>
  );
}

function Line({ line, begun, onOpen }: { line: ConflictLine; begun: boolean; onOpen(): void }) {
  const { conflicts: texts, tasks } = useTexts();
  const patient = useChartTitles()(line.patient);
  const what = useLineWords().whole(line.line);
  return (
    <li>
      <div className="task-words">
        <p><strong>{patient}</strong></p>
        <p>{what}</p>
        <p className="row">
          <Badge tone="warn" icon="conflict">{texts.elements(line.elements)}</Badge>
          {begun && <Badge tone="info" icon="edit">{tasks.begun}</Badge>}
        </p>
      </div>
      <Button icon="conflict" onPress={onOpen} aria-label={`${texts.decide}: ${patient}, ${what}`}>{texts.decide}</Button>
    </li>
  );
}
