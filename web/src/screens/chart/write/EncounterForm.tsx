import { useTexts } from "../../../texts";
import { TextField } from "../../../ui";
import { CodeSelect, codeIn } from "./CodeSelect";
import { fieldTime, localTime, timeIn } from "./times";
import { ACT_CODES, conceptWords, inWords } from "./fhir";
import { changedFrom, type Existing, type Faults, type Fields, type FormViewProps, type Opened, type RecordForm, resourceIn, type Start } from "./form";
import { type JsonObject, itemsOf, objectOf, textOf, writeJson } from "./json";
import { TimeField } from "./TimeField";

type EncounterField = "what" | "where" | "status" | "start" | "ended" | "reason";

/** As HL7's ActCode says them; part of the record, so not in the reader's language. */
const CLASSES = {
  AMB: "ambulatory",
  EMER: "emergency",
  IMP: "inpatient encounter",
  OBSENC: "observation encounter",
  SS: "short stay",
  HH: "home health",
  FLD: "field",
  VR: "virtual",
} as const;

export const encounterForm: RecordForm<EncounterField> = {
  empty: () => ({ what: "", where: "AMB", status: "finished", start: localTime(new Date()), ended: "", reason: "" }),
  read,
  faults(fields, { write: texts }, existing) {
    const faults: Faults<EncounterField> = {};
    const changed = changedFrom(existing, fields);
    const [start, ended] = [timeIn(fields.start), timeIn(fields.ended)];
    if (changed("start") && start === undefined) faults.start = texts.timeWrong;
    if (changed("ended") && fields.ended.trim() !== "" && ended === undefined) faults.ended = texts.timeWrong;
    if (start !== undefined && ended !== undefined && new Date(ended) < new Date(start)) faults.ended = texts.endBeforeStart;
    return faults;
  },
  write: (fields, start, existing) => [{ text: writeJson(written(fields, start, existing)), from: [] }],
  View: EncounterFields,
  wide: false,
};

function read(text: string): Opened<EncounterField> | undefined {
  const resource = resourceIn(text, "Encounter");
  if (resource === undefined) return undefined;
  const period = objectOf(resource["period"]);
  const [types, reasons] = [itemsOf(resource["type"]), itemsOf(resource["reasonCode"])];
  const where = objectOf(resource["class"]);
  const fields = {
    what: conceptWords(types[0]),
    where: textOf(where?.["code"]),
    status: textOf(resource["status"]),
    start: fieldTime(textOf(period?.["start"])),
    ended: fieldTime(textOf(period?.["end"])),
    reason: conceptWords(reasons[0]),
  };
  const hidden: EncounterField[] = [];
  if (types.length > 1) hidden.push("what");
  if (reasons.length > 1 || itemsOf(resource["reasonReference"]).length > 0) hidden.push("reason");
  if (where !== undefined && codeIn(CLASSES, fields.where) === undefined) hidden.push("where");
  return { fields, hidden };
}

function written(fields: Fields<EncounterField>, { id, patient, author }: Start, existing: Existing<EncounterField> | undefined): JsonObject {
  const changed = changedFrom(existing, fields);
  const before = existing && resourceIn(existing.text, "Encounter");
  const fresh: JsonObject = {
    resourceType: "Encounter",
    id,
    subject: patient === undefined ? undefined : { reference: patient },
    participant: [{ individual: { display: author } }],
  };
  const where = codeIn(CLASSES, fields.where);
  const [what, reason] = [inWords(fields.what), inWords(fields.reason)];
  const period: JsonObject = {
    ...objectOf(before?.["period"]),
    ...(changed("start") ? { start: timeIn(fields.start) } : {}),
    ...(changed("ended") ? { end: timeIn(fields.ended) } : {}),
  };
  return {
    ...(before ?? fresh),
    ...(changed("status") ? { status: fields.status } : {}),
    ...(changed("where") && where !== undefined ? { class: { system: ACT_CODES, code: where, display: CLASSES[where] } } : {}),
    ...(changed("what") ? { type: what && [what] } : {}),
    ...(changed("reason") ? { reasonCode: reason && [reason] } : {}),
    ...(changed("start", "ended") ? { period } : {}),
  };
}

function EncounterFields({ fields, faults, shows, onChange }: FormViewProps<EncounterField>) {
  const { write: texts } = useTexts();
  return (
    <div className="stack">
      {shows("what") && (
        <TextField
          label={texts.encounterType}
          description={texts.encounterTypeExplain}
          value={fields.what}
          onChange={(what) => onChange({ what })}
        />
      )}
      <div className="write-pair">
        {shows("where") && (
          <CodeSelect label={texts.encounterClass} words={texts.encounterClasses} value={fields.where} onChange={(where) => onChange({ where })} />
        )}
        <CodeSelect label={texts.status} words={texts.encounterStatus} value={fields.status} onChange={(status) => onChange({ status })} />
      </div>
      <div className="write-pair">
        <TimeField label={texts.encounterStart} value={fields.start} error={faults.start} onChange={(start) => onChange({ start })} />
        <TimeField
          label={texts.encounterEnd}
          description={texts.encounterEndExplain}
          value={fields.ended}
          error={faults.ended}
          onChange={(ended) => onChange({ ended })}
        />
      </div>
      {shows("reason") && (
        <TextField label={texts.encounterReason} value={fields.reason} onChange={(reason) => onChange({ reason })} />
      )}
    </div>
  );
}
