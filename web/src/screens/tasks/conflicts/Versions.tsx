import { useTexts } from "../../../texts";
import { Badge, Button, Card } from "../../../ui";
import type { ConflictVersion } from "../../../vault";
import { VersionLine } from "./VersionLine";

export interface VersionsProps {
  versions: readonly ConflictVersion[];
  /** Without one, they can be read only. */
  onTake: ((version: string) => void) | undefined;
}

/** Every version as a whole. Taking one chooses its value of each element: nothing is saved by that. */
export function Versions({ versions, onTake }: VersionsProps) {
  const { conflicts: texts, tasks } = useTexts();
  return (
    <Card title={tasks.versions}>
      <p className="quiet measure">{tasks.versionsExplain}</p>
      <ul className="decide-values decide-versions">
        {versions.map((version) => (
          <li key={version.version} className="decide-value">
            <div className="decide-what stack-small">
              <VersionLine version={version} />
              {version.text === undefined && <Badge tone="warn" icon="trash">{texts.deletedBy(version.authorName)}</Badge>}
              {onTake !== undefined && <Button onPress={() => onTake(version.version)}>{texts.takeWhole(version.authorName)}</Button>}
              {version.text !== undefined && <FhirText title={tasks.asFhir} text={version.text} />}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function FhirText({ title, text }: { title: string; text: string }) {
  return (
    <details>
      <summary>{title}</summary>
      <pre className="decide-text" role="group" aria-label={title} tabIndex={0}>{text}</pre>
    </details>
  );
}
