import { useTexts } from "../../../texts";
import { dateIn } from "../../../texts/dates";
import { TextField } from "../../../ui";
import { CodeSelect } from "./CodeSelect";
import { now } from "./times";
import { conceptWords, inWords } from "./fhir";
import { changedFrom, type Existing, type Faults, type Fields, type FormViewProps, type Opened, type RecordForm, resourceIn, type Start } from "./form";
import { type JsonObject, itemsOf, objectOf, textOf, writeJson } from "./json";
import { DateField } from "./TimeField";

/** `parts` says that a dosage has amounts and times of its own beside the text, `prescribed` that it is a prescription. */
type MedicationField = "what" | "dosage" | "status" | "start" | "ended" | "parts" | "prescribed";

const TYPES = ["MedicationStatement", "MedicationRequest"] as const;
/** Statuses that FHIR R4 has for one of the two only. */
const OF_STATEMENTS = ["intended", "not-taken"];
const OF_PRESCRIPTIONS = ["cancelled", "draft"];

/** What a person takes: a MedicationStatement. A prescription that is there already is edited as what it is. */
export const medicationForm: RecordForm<MedicationField> = {
  empty: () => ({ what: "", dosage: "", status: "active", start: "", ended: "", parts: "", prescribed: "" }),
  read,
  faults(fields, { common, write: texts }, existing) {
    const faults: Faults<MedicationField> = {};
    const changed = changedFrom(existing, fields);
    if (changed("what") && fields.what.trim() === "") faults.what = common.required;
    const [start, ended] = [dateIn(fields.start), dateIn(fields.ended)];
    if (changed("start") && fields.start.trim() !== "" && start === undefined) faults.start = texts.whenWrong;
    if (changed("ended") && fields.ended.trim() !== "" && ended === undefined) faults.ended = texts.whenWrong;
    if (start !== undefined && ended !== undefined && start.length === ended.length && ended < start) faults.ended = texts.endBeforeStart;
    return faults;
  },
  write: (fields, start, existing) => [{ text: writeJson(written(fields, start, existing)), from: [] }],
  View: MedicationFields,
  wide: false,
};

function read(text: string): Opened<MedicationField> | undefined {
  const resource = resourceIn(text, ...TYPES);
  if (resource === undefined) return undefined;
  const prescribed = resource["resourceType"] === "MedicationRequest";
  const dosages = itemsOf(resource[prescribed ? "dosageInstruction" : "dosage"]).map(objectOf);
  const period = objectOf(resource["effectivePeriod"]);
  const reference = objectOf(resource["medicationReference"]);
  const fields = {
    what: conceptWords(resource["medicationCodeableConcept"]) || textOf(reference?.["display"]),
    dosage: textOf(dosages[0]?.["text"]),
    status: textOf(resource["status"]),
    start: prescribed ? textOf(resource["authoredOn"]) : textOf(period?.["start"]) || textOf(resource["effectiveDateTime"]),
    ended: textOf(period?.["end"]),
    parts: dosages[0] !== undefined && Object.keys(dosages[0]).some((name) => name !== "text") ? "yes" : "",
    prescribed: prescribed ? "yes" : "",
  };
  const hidden: MedicationField[] = [];
  // A medicine that is only referred to has its name in a record of its own.
  if (fields.what === "") hidden.push("what");
  if (dosages.length > 1) hidden.push("dosage");
  if (prescribed) hidden.push("ended");
  return { fields: fields.what === "" ? { ...fields, what: textOf(reference?.["reference"]) } : fields, hidden };
}

function written(fields: Fields<MedicationField>, { id, patient, author }: Start, existing: Existing<MedicationField> | undefined): JsonObject {
  const changed = changedFrom(existing, fields);
  const before = existing && resourceIn(existing.text, ...TYPES);
  const fresh: JsonObject = {
    resourceType: "MedicationStatement",
    id,
    subject: patient === undefined ? undefined : { reference: patient },
    dateAsserted: now(),
    informationSource: { display: author },
  };
  const dosage = inWords(fields.dosage);
  const dosages = { [fields.prescribed === "" ? "dosage" : "dosageInstruction"]: dosage && [dosage] };
  return {
    ...(before ?? fresh),
    ...(changed("status") ? { status: fields.status } : {}),
    ...(changed("what") ? { medicationCodeableConcept: inWords(fields.what), medicationReference: undefined } : {}),
    ...(changed("dosage") ? dosages : {}),
    ...(changed("start", "ended") ? times(fields, before) : {}),
  };
}

function times(fields: Fields<MedicationField>, before: JsonObject | undefined): JsonObject {
  // What is not a date the form has left as it was.
  const start = dateIn(fields.start) ?? (fields.start.trim() || undefined);
  if (fields.prescribed !== "") return { authoredOn: start };
  const end = dateIn(fields.ended) ?? (fields.ended.trim() || undefined);
  const period = { ...objectOf(before?.["effectivePeriod"]), start, end };
  return { effectiveDateTime: undefined, effectivePeriod: start === undefined && end === undefined ? undefined : period };
}

function MedicationFields({ fields, faults, shows, onChange }: FormViewProps<MedicationField>) {
  const { write: texts } = useTexts();
  const others = fields.prescribed === "" ? OF_PRESCRIPTIONS : OF_STATEMENTS;
  return (
    <div className="stack">
      {shows("what") && (
        <TextField label={texts.what} value={fields.what} error={faults.what} onChange={(what) => onChange({ what })} />
      )}
      {shows("dosage") && (
        <TextField
          label={texts.dosage}
          description={fields.parts === "" ? texts.dosageExplain : texts.dosageReplaces}
          value={fields.dosage}
          onChange={(dosage) => onChange({ dosage })}
        />
      )}
      <CodeSelect
        label={texts.status}
        words={texts.medicationStatus}
        value={fields.status}
        without={others}
        onChange={(status) => onChange({ status })}
      />
      <div className="write-pair">
        <DateField
          label={fields.prescribed === "" ? texts.start : texts.prescribed}
          value={fields.start}
          error={faults.start}
          onChange={(start) => onChange({ start })}
        />
        {shows("ended") && <DateField label={texts.ended} value={fields.ended} error={faults.ended} onChange={(ended) => onChange({ ended })} />}
      </div>
    </div>
  );
}
