// The three sections that a patient summary always has. Nothing recorded is said, and is not the same as none.

import { useFormat, useTexts } from "../../texts";
import { useRecordWords } from "../../texts/records";
import type { Allergies, Allergy, Medication, Problem } from "../../vault";
import { PlainTable } from "./PlainTable";
import { Section } from "./Section";

export function MedicationSection({ medications }: { medications: readonly Medication[] }) {
  const { chart, print: words } = useTexts();
  const format = useFormat();
  const word = useRecordWords();
  const rows = medications.map(({ held, what, dosage, started, status, doNotGive }) => ({
    key: held.key,
    cells: [
      <>{doNotGive && <strong>{chart.doNotGive}: </strong>}{word(what)}</>,
      dosage,
      started !== undefined && chart.since(format.date(started)),
      status !== undefined && word(status),
    ],
  }));
  return (
    <Section title={chart.medications}>
      {rows.length === 0 ? <p>{chart.medicationsNone}</p> : (
        <PlainTable caption={chart.medications} heads={[words.what, words.dosage, words.started, words.status]} rows={rows} />
      )}
    </Section>
  );
}

export function AllergySection({ allergies }: { allergies: Allergies }) {
  const { chart } = useTexts();
  const word = useRecordWords();
  return (
    <Section title={chart.allergies}>
      {allergies.state === "noneRecorded" && <p>{chart.allergiesNoneRecorded}</p>}
      {allergies.state === "noKnown" && <p>{allergies.statements.map(word).join(", ")}</p>}
      {allergies.state === "listed" && <AllergyTable allergies={allergies.allergies} />}
      {allergies.state === "listed" && allergies.noKnown.length > 0 && <p>{allergies.noKnown.map(word).join(", ")}</p>}
    </Section>
  );
}

function AllergyTable({ allergies }: { allergies: readonly Allergy[] }) {
  const { chart, print: words } = useTexts();
  const format = useFormat();
  const word = useRecordWords();
  const rows = allergies.map(({ held, what, highRisk, reactions, onset, certainty }) => ({
    key: held.key,
    cells: [
      <>{highRisk && <strong>{chart.allergyHighRisk}: </strong>}{word(what)}</>,
      reactions.join(", "),
      onset !== undefined && chart.since(format.date(onset)),
      certainty !== undefined && word(certainty),
    ],
  }));
  return <PlainTable caption={chart.allergies} heads={[words.what, words.reactions, words.started, words.status]} rows={rows} />;
}

export function ProblemSection({ problems }: { problems: readonly Problem[] }) {
  const { chart, print: words } = useTexts();
  const format = useFormat();
  const word = useRecordWords();
  const rows = problems.map(({ held, what, onset, severity, status, certainty }) => ({
    key: held.key,
    cells: [
      word(what),
      onset !== undefined && chart.since(format.date(onset)),
      severity !== undefined && word(severity),
      [status, certainty].filter((text) => text !== undefined).map(word).join(", "),
    ],
  }));
  return (
    <Section title={chart.problems}>
      {rows.length === 0 ? <p>{chart.problemsNone}</p> : (
        <PlainTable caption={chart.problems} heads={[words.what, words.started, words.severity, words.status]} rows={rows} />
      )}
    </Section>
  );
}
