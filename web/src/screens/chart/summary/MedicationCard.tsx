import { useFormat, useTexts } from "../../../texts";
import { useRecordCodes, useRecordNames } from "../../../texts/records";
import { Badge, Card } from "../../../ui";
import type { ChartPage, Medication } from "../../../vault";
import { RecordLine } from "../RecordLine";
import { PastOnes } from "./PastOnes";

export function MedicationCard({ page }: { page: ChartPage }) {
  const { chart: texts } = useTexts();
  const now = page.medications.filter(({ past }) => !past);
  const past = page.medications.filter((medication) => medication.past);
  return (
    <Card title={texts.medications}>
      {now.length === 0 ? <p className="quiet">{texts.medicationsNone}</p> : (
        <ul className="record-list">{now.map((medication) => <MedicationLine key={medication.held.key} medication={medication} />)}</ul>
      )}
      <PastOnes title={texts.medicationsPast} count={past.length}>
        {past.map((medication) => <MedicationLine key={medication.held.key} medication={medication} />)}
      </PastOnes>
    </Card>
  );
}

function MedicationLine({ medication }: { medication: Medication }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const name = useRecordNames();
  const code = useRecordCodes();
  const { held, what, dosage, started, status, doNotGive } = medication;
  return (
    <RecordLine
      held={held}
      what={name(what)}
      marks={
        <>
          {doNotGive && <Badge tone="bad" icon="alert">{texts.doNotGive}</Badge>}
          {status !== undefined && <Badge>{code(status)}</Badge>}
        </>
      }
      facts={[dosage, started && texts.since(format.date(started))]}
    />
  );
}
