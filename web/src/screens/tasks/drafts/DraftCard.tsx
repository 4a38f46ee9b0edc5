import { useState } from "react";
import { Link } from "wouter";
import { setDraftToOpen, useAct } from "../../../app/vaultStore";
import { type Texts, useFormat, useTexts } from "../../../texts";
import { Button, Card, Confirm, FailureNotice, Icon, toast } from "../../../ui";
import type { Draft, DraftPlace } from "./places";

export interface DraftCardProps {
  drafts: readonly Draft[];
  /** One was thrown away. */
  onDropped(): void;
}

/** What this member began to write on this device and has not finished. */
export function DraftCard({ drafts, onDropped }: DraftCardProps) {
  const { tasks: texts } = useTexts();
  const [asked, setAsked] = useState<Draft>();
  const drop = useAct((vault, key: string) => vault.dropDraft(key).then(() => true), { writes: false });
  const close = () => {
    drop.clear();
    setAsked(undefined);
  };
  const dropAsked = async () => {
    if (asked === undefined || (await drop.run(asked.key)) === undefined) return;
    setAsked(undefined);
    toast(texts.draftDropped);
    onDropped();
  };
  return (
    <Card title={texts.drafts}>
      <p className="quiet">{texts.draftsExplain}</p>
      <ul className="task-lines">
        {drafts.map((draft) => <DraftLine key={draft.key} draft={draft} onDrop={() => setAsked(draft)} />)}
      </ul>
      <Confirm
        title={texts.draftDropTitle}
        open={asked !== undefined}
        action={texts.draftDrop}
        danger
        busy={drop.busy}
        onConfirm={() => void dropAsked()}
        onCancel={close}
      >
        <p>{texts.draftDropExplain}</p>
        <FailureNotice failure={drop.failure} />
      </Confirm>
    </Card>
  );
}

function DraftLine({ draft, onDrop }: { draft: Draft; onDrop(): void }) {
  const texts = useTexts();
  const format = useFormat();
  const { key, savedMs, place, patient } = draft;
  const what = nameOf(place, texts);
  const goesOn = goesOnAt(place);
  return (
    <li>
      <div className="task-words">
        <p><strong>{what}</strong></p>
        {patient !== undefined && <p>{patient}</p>}
        <p className="quiet small figures">{texts.tasks.draftSaved(format.recent(savedMs))}</p>
        {place.is === "decision" && <p className="quiet small">{texts.tasks.decidedMeanwhile}</p>}
        {place.is === "other" && <p className="quiet small">{texts.tasks.draftUnknown}</p>}
      </div>
      <div className="row">
        {goesOn !== undefined && (
          <Link
            href={goesOn}
            onClick={() => setDraftToOpen(place.is === "record" ? key : undefined)}
            className="button button-secondary"
            aria-label={`${texts.tasks.draftGoOn}: ${what}`}
          >
            <Icon name="edit" />
            {texts.tasks.draftGoOn}
          </Link>
        )}
        <Button icon="trash" onPress={onDrop} aria-label={`${texts.tasks.draftDrop}: ${what}`}>{texts.tasks.draftDrop}</Button>
      </div>
    </li>
  );
}

/** A decision goes on in the list of decisions. One that is here has none there any more. */
function goesOnAt(place: DraftPlace): string | undefined {
  if (place.is === "record") return `/patients/${place.chart}`;
  return place.is === "patient" ? "/patients" : undefined;
}

function nameOf(place: DraftPlace, { chart, tasks, write }: Texts): string {
  const forms: Record<string, string> = write.kinds;
  const kindOf = (type: string) => chart.kinds[type] ?? type;
  switch (place.is) {
    case "record":
      if (place.type !== undefined) return write.titleEdit(kindOf(place.type));
      return write.titleNew(forms[place.form ?? ""] ?? write.kinds.fhir);
    case "patient":
      return tasks.draftPatient;
    case "decision":
      return tasks.draftDecision(kindOf(place.type));
    case "other":
      return tasks.draftOther;
  }
}
