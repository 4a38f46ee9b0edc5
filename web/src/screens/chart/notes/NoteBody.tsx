import { useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Unanswered } from "../../../ui";
import { Narrative } from "../../../ui/Narrative";
import type { NotePart } from "../../../vault";
import { useChartActions } from "../chartActions";

/** Everything that a note says in words. */
export function NoteBody({ resourceKey, what }: { resourceKey: string; what: string }) {
  const { chart: texts } = useTexts();
  const { chart } = useChartActions();
  const { data, failure } = useQuery("note", (vault) => vault.note(chart, resourceKey), [chart, resourceKey]);
  if (data === undefined) return <Unanswered failure={failure} />;
  if (data.parts.length === 0) return <p className="quiet">{texts.noteEmpty}</p>;
  return (
    <div className="stack measure">
      {data.parts.map((part, at) => (
        // Parts have no name of their own, and never change their order in one version.
        <section key={at} className="stack-small">
          {part.title !== undefined && <h4>{part.title}</h4>}
          <PartText part={part} label={part.title ?? what} />
        </section>
      ))}
    </div>
  );
}

/** Markdown is read as it was typed: drawing it would be one more program that reads what others wrote. */
function PartText({ part, label }: { part: NotePart; label: string }) {
  if (part.form === "xhtml") return <Narrative xhtml={part.text} label={label} />;
  return <p className="note-text">{part.text}</p>;
}
