import { useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Button, EmptyState, FailureNotice, Unanswered } from "../../../ui";
import { useChartActions } from "../chartActions";
import { NoteCard } from "./NoteCard";

/** Notes and reports, the newest first, each with its first lines. */
export function NotesTab() {
  const { chart: texts, write } = useTexts();
  const { add, canWrite, chart } = useChartActions();
  const { data, failure } = useQuery("notes", (vault) => vault.notes(chart), [chart]);
  if (data === undefined) return <Unanswered failure={failure} />;
  const writeOne = canWrite ? <Button icon="add" onPress={() => add("note")}>{write.addNote}</Button> : undefined;
  if (data.length === 0) return <EmptyState icon="note" title={texts.notesNone} actions={writeOne} />;
  return (
    <div className="stack">
      <FailureNotice failure={failure} />
      {writeOne !== undefined && <div className="row">{writeOne}</div>}
      <ul className="note-list">{data.map((line) => <NoteCard key={line.held.key} line={line} />)}</ul>
    </div>
  );
}
