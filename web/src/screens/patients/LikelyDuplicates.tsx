import { useFormat, useTexts } from "../../texts";
import { useChartTitles } from "../../texts/records";
import { Badge, Button, Dialog, FailureNotice, Notice } from "../../ui";
import type { Duplicate, Failure } from "../../vault";
import { WhoItIs } from "./PatientRow";

/** Beside the form, while it is filled in. */
export function MaybeThere({ duplicates, onOpen }: { duplicates: readonly Duplicate[]; onOpen(chart: string): void }) {
  const { patients: texts } = useTexts();
  return (
    // Always there, so that screen readers say what comes into it.
    <div role="status">
      {duplicates.length > 0 && (
        <Notice tone="warn" title={texts.duplicatesMaybe}>
          <DuplicateList duplicates={duplicates} onOpen={onOpen} />
        </Notice>
      )}
    </div>
  );
}

export interface ConfirmNewProps {
  duplicates: readonly Duplicate[];
  busy: boolean;
  failure: Failure | undefined;
  onOpen(chart: string): void;
  onBack(): void;
  onRegister(): void;
}

/** Asked before a second chart of somebody may be opened. */
export function ConfirmNew({ duplicates, busy, failure, onOpen, onBack, onRegister }: ConfirmNewProps) {
  const { patients: texts } = useTexts();
  const actions = (
    <>
      <Button icon="back" onPress={onBack} isDisabled={busy}>{texts.backToForm}</Button>
      <Button variant="primary" onPress={onRegister} isPending={busy}>{texts.registerAnyway}</Button>
    </>
  );
  return (
    <Dialog title={texts.duplicatesTitle} open onClose={onBack} actions={actions} wide urgent>
      <p>{texts.duplicatesExplain}</p>
      <DuplicateList duplicates={duplicates} onOpen={onOpen} />
      <FailureNotice failure={failure} />
    </Dialog>
  );
}

function DuplicateList({ duplicates, onOpen }: { duplicates: readonly Duplicate[]; onOpen(chart: string): void }) {
  const { patients: texts } = useTexts();
  const format = useFormat();
  const title = useChartTitles();
  return (
    <ul className="duplicate-list">
      {duplicates.map(({ patient, name, birthDate, identifier }) => {
        const reasons = [identifier && texts.duplicateIdentifier, name && texts.duplicateName, birthDate && texts.duplicateBirthDate];
        const words = reasons.filter((reason) => reason !== false);
        return (
          <li key={patient.chart} className="duplicate">
            <span className="duplicate-who"><WhoItIs line={patient} /></span>
            <Badge tone="warn" icon="patients">{format.list(words)}</Badge>
            <Button onPress={() => onOpen(patient.chart)} aria-label={`${texts.openInstead}: ${title(patient.name)}`}>{texts.openInstead}</Button>
          </li>
        );
      })}
    </ul>
  );
}
