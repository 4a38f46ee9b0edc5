import { useFormat, useTexts } from "../../../texts";
import { useRecordCodes, useRecordNames } from "../../../texts/records";
import { Badge, Card } from "../../../ui";
import type { Allergy, ChartPage } from "../../../vault";
import { RecordLine } from "../RecordLine";

/** The allergies of the banner once more, with since when they are known and what can be done with each record. */
export function AllergyCard({ page }: { page: ChartPage }) {
  const { chart: texts } = useTexts();
  const name = useRecordNames();
  const { allergies } = page;
  const statements = allergies.state === "noKnown" ? allergies.statements : allergies.state === "listed" ? allergies.noKnown : [];
  return (
    <Card title={texts.allergies}>
      {allergies.state === "noneRecorded" && <p>{texts.allergiesNoneRecorded}</p>}
      {allergies.state === "listed" && (
        <ul className="record-list">
          {allergies.allergies.map((allergy) => <AllergyLine key={allergy.held.key} allergy={allergy} />)}
        </ul>
      )}
      {statements.map((statement) => <p key={statement}>{name(statement)}</p>)}
      {page.allergiesNotListed > 0 && <p className="quiet small">{texts.allergiesNotListed(page.allergiesNotListed)}</p>}
    </Card>
  );
}

function AllergyLine({ allergy }: { allergy: Allergy }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  const name = useRecordNames();
  const code = useRecordCodes();
  const { held, what, highRisk, reactions, onset, certainty } = allergy;
  return (
    <RecordLine
      held={held}
      what={name(what)}
      marks={
        <>
          {highRisk && <Badge tone="bad" icon="alert">{texts.allergyHighRisk}</Badge>}
          {certainty !== undefined && <Badge tone="warn">{code(certainty)}</Badge>}
        </>
      }
      facts={[...reactions, onset && texts.since(format.date(onset))]}
    />
  );
}
