// What waits for this member: records that were changed apart, late entries, and what they began to write.

import { useState } from "react";
import { Link } from "wouter";
import { useQuery } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { EmptyState, FailureNotice, Notice, PageHeader } from "../../ui";
import type { ConflictLine } from "../../vault";
import "../../styles/tasks.css";
import { ConflictCard } from "./conflicts/ConflictCard";
import { ConflictScreen } from "./conflicts/ConflictScreen";
import { DraftCard } from "./drafts/DraftCard";
import { decisionKey, draftsOf } from "./drafts/places";

export default function TasksScreen() {
  const [open, setOpen] = useState<ConflictLine>();
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  if (open === undefined) {
    const decide = (line: ConflictLine) => {
      setWarnings([]);
      setOpen(line);
    };
    return <Tasks warnings={warnings} onDecide={decide} />;
  }
  const close = () => setOpen(undefined);
  const decided = (said: readonly string[]) => {
    setWarnings(said);
    close();
  };
  return <ConflictScreen line={open} onClose={close} onDecided={decided} />;
}

function Tasks({ warnings, onDecide }: { warnings: readonly string[]; onDecide(line: ConflictLine): void }) {
  const { common, tasks: texts } = useTexts();
  const conflicts = useQuery("tasks: conflicts", (vault) => vault.conflicts(undefined));
  const late = useQuery("tasks: late", (vault) => vault.quarantine(false));
  const drafts = useQuery("tasks: drafts", draftsOf);
  const failure = conflicts.failure ?? late.failure ?? drafts.failure;
  const allThere = conflicts.data !== undefined && late.data !== undefined && drafts.data !== undefined;

  const toDecide = conflicts.data ?? [];
  const open = new Set(toDecide.map(({ chart, key }) => decisionKey(chart, key)));
  const begun = new Set((drafts.data ?? []).map(({ key }) => key));
  // A decision that was begun goes on where it is listed.
  const toFinish = conflicts.data === undefined ? [] : (drafts.data ?? []).filter(({ key }) => !open.has(key));
  const lateCount = late.data?.length ?? 0;
  return (
    <>
      <PageHeader title={texts.title} lead={texts.lead} />
      <FailureNotice failure={failure} />
      {warnings.length > 0 && (
        <Notice tone="warn" title={texts.warnings} announce>
          <ul>{warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul>
        </Notice>
      )}
      {!allThere && failure === undefined && <p className="quiet" role="status">{common.loading}</p>}
      {toDecide.length > 0 && <ConflictCard conflicts={toDecide} begun={begun} onOpen={onDecide} />}
      {lateCount > 0 && (
        <Notice tone="warn" actions={<Link href="/admin/quarantine" className="button button-secondary">{texts.lateLook}</Link>}>
          {texts.late(lateCount)}
        </Notice>
      )}
      {toFinish.length > 0 && <DraftCard drafts={toFinish} onDropped={drafts.again} />}
      {allThere && toDecide.length + lateCount + toFinish.length === 0 && (
        <EmptyState icon="check" title={texts.nothing}>{texts.nothingExplain}</EmptyState>
      )}
    </>
  );
}
