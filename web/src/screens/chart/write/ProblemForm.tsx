import { useTexts } from "../../../texts";
import { dateIn } from "../../../texts/dates";
import { TextField } from "../../../ui";
import { CodeSelect, codeIn } from "./CodeSelect";
import { now } from "./times";
import {
  coded, codesOf, CONDITION_CATEGORY, CONDITION_CERTAINTY, CONDITION_STATUS, conceptWords, inWords, SNOMED, whenMembers, whenOf,
} from "./fhir";
import { changedFrom, type Existing, type Faults, type Fields, type FormViewProps, type Opened, type RecordForm, resourceIn, type Start } from "./form";
import { type JsonObject, writeJson } from "./json";
import { DateField } from "./TimeField";

type ProblemField = "what" | "status" | "certainty" | "severity" | "onset" | "ended" | "comment";

/** SNOMED CT, as FHIR R4 binds `Condition.severity`. */
const SEVERITIES = { mild: "255604002", moderate: "6736007", severe: "24484000" } as const;
const SEVERITY_WORDS = { mild: "Mild", moderate: "Moderate", severe: "Severe" } as const;
/** With these a problem is there now; FHIR allows no end beside them (R4 Condition, con-4). */
const THERE_NOW = ["active", "recurrence", "relapse"];

export const problemForm: RecordForm<ProblemField> = {
  empty: () => ({ what: "", status: "active", certainty: "confirmed", severity: "none", onset: "", ended: "", comment: "" }),
  read,
  faults(fields, { common, write: texts }, existing) {
    const faults: Faults<ProblemField> = {};
    if (changedFrom(existing, fields)("what") && fields.what.trim() === "") faults.what = common.required;
    if (fields.ended.trim() !== "" && THERE_NOW.includes(fields.status)) faults.ended = texts.endedButActive;
    const [onset, ended] = [dateIn(fields.onset), dateIn(fields.ended)];
    // Dates of one precision only: "2015" may be before or after "2015-03".
    if (onset !== undefined && ended !== undefined && onset.length === ended.length && ended < onset) faults.ended = texts.endBeforeStart;
    return faults;
  },
  write: (fields, start, existing) => [{ text: writeJson(written(fields, start, existing)), from: [] }],
  View: ProblemFields,
  wide: false,
};

function read(text: string): Opened<ProblemField> | undefined {
  const resource = resourceIn(text, "Condition");
  if (resource === undefined) return undefined;
  const [onset, ended] = [whenOf(resource, "onset"), whenOf(resource, "abatement")];
  const severity = codesOf(resource["severity"])[0];
  const level = (["mild", "moderate", "severe"] as const).find((one) => SEVERITIES[one] === severity);
  const fields = {
    what: conceptWords(resource["code"]),
    status: codesOf(resource["clinicalStatus"])[0] ?? "",
    certainty: codesOf(resource["verificationStatus"])[0] ?? "",
    severity: level ?? "none",
    onset: onset.value,
    ended: ended.value,
    comment: "",
  };
  const hidden: ProblemField[] = [];
  if (onset.other) hidden.push("onset");
  if (ended.other) hidden.push("ended");
  if (level === undefined && resource["severity"] !== undefined) hidden.push("severity");
  return { fields, hidden };
}

function written(fields: Fields<ProblemField>, { id, patient, author }: Start, existing: Existing<ProblemField> | undefined): JsonObject {
  const changed = changedFrom(existing, fields);
  const fresh: JsonObject = {
    resourceType: "Condition",
    id,
    category: [coded(CONDITION_CATEGORY, "problem-list-item", "Problem List Item")],
    subject: patient === undefined ? undefined : { reference: patient },
    recordedDate: now(),
    recorder: { display: author },
    note: fields.comment.trim() === "" ? undefined : [{ authorString: author, time: now(), text: fields.comment.trim() }],
  };
  const severity = codeIn(SEVERITIES, fields.severity);
  return {
    ...((existing && resourceIn(existing.text, "Condition")) ?? fresh),
    ...(changed("what") ? { code: inWords(fields.what) } : {}),
    ...(changed("status") ? { clinicalStatus: coded(CONDITION_STATUS, fields.status) } : {}),
    ...(changed("certainty") ? { verificationStatus: coded(CONDITION_CERTAINTY, fields.certainty) } : {}),
    ...(changed("severity") ? { severity: severity && coded(SNOMED, SEVERITIES[severity], SEVERITY_WORDS[severity]) } : {}),
    ...(changed("onset") ? whenMembers("onset", dateIn(fields.onset), fields.onset) : {}),
    ...(changed("ended") ? whenMembers("abatement", dateIn(fields.ended), fields.ended) : {}),
  };
}

function ProblemFields({ fields, faults, shows, editing, onChange }: FormViewProps<ProblemField>) {
  const { write: texts } = useTexts();
  return (
    <div className="stack">
      <TextField label={texts.what} value={fields.what} error={faults.what} onChange={(what) => onChange({ what })} />
      <div className="write-pair">
        <CodeSelect label={texts.status} words={texts.conditionStatus} value={fields.status} onChange={(status) => onChange({ status })} />
        <CodeSelect label={texts.certainty} words={texts.conditionCertainty} value={fields.certainty} onChange={(certainty) => onChange({ certainty })} />
        {shows("severity") && (
          <CodeSelect
            label={texts.severity}
            words={{ none: texts.severityNone, ...texts.severities }}
            value={codeIn(SEVERITIES, fields.severity) ?? "none"}
            onChange={(severity) => onChange({ severity })}
          />
        )}
      </div>
      {shows("onset") && <DateField label={texts.onset} value={fields.onset} error={faults.onset} onChange={(onset) => onChange({ onset })} words />}
      {shows("ended") && <DateField label={texts.ended} value={fields.ended} error={faults.ended} onChange={(ended) => onChange({ ended })} words />}
      {!editing && <TextField label={texts.comment} value={fields.comment} onChange={(comment) => onChange({ comment })} rows={3} />}
    </div>
  );
}
