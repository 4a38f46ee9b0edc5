import { useTexts } from "../../../texts";
import { dateIn } from "../../../texts/dates";
import { Checkbox, TextField } from "../../../ui";
import { CodeSelect, codeIn } from "./CodeSelect";
import { now } from "./times";
import { ALLERGY_CERTAINTY, ALLERGY_STATUS, coded, codesOf, conceptWords, inWords, SNOMED, whenMembers, whenOf } from "./fhir";
import { changedFrom, type Existing, type Faults, type Fields, type FormViewProps, type Opened, type RecordForm, resourceIn, type Start } from "./form";
import { type JsonObject, itemsOf, objectOf, textOf, writeJson } from "./json";
import { DateField } from "./TimeField";

type AllergyField = "noKnown" | "what" | "category" | "criticality" | "status" | "certainty" | "reaction" | "severity" | "onset";

/** What the chart shows as "no known allergies", which is not the same as no record. */
const NO_KNOWN = { code: "716186003", display: "No known allergy" };
const SEVERITIES = { mild: true, moderate: true, severe: true };

export const allergyForm: RecordForm<AllergyField> = {
  empty: () => ({
    noKnown: "", what: "", category: "none", criticality: "none", status: "active", certainty: "confirmed", reaction: "", severity: "none", onset: "",
  }),
  read,
  faults(fields, { common, write: texts }, existing) {
    const faults: Faults<AllergyField> = {};
    if (fields.noKnown !== "") return faults;
    if (changedFrom(existing, fields)("what") && fields.what.trim() === "") faults.what = common.required;
    if (fields.reaction.trim() === "" && fields.severity !== "none") faults.reaction = texts.allergyReactionNeeded;
    return faults;
  },
  write: (fields, start, existing) => [{ text: writeJson(written(fields, start, existing)), from: [] }],
  View: AllergyFields,
  wide: false,
};

function read(text: string): Opened<AllergyField> | undefined {
  const resource = resourceIn(text, "AllergyIntolerance");
  if (resource === undefined) return undefined;
  const categories = itemsOf(resource["category"]);
  const onset = whenOf(resource, "onset");
  const reactions = itemsOf(resource["reaction"]);
  const reaction = objectOf(reactions[0]);
  const manifestations = itemsOf(reaction?.["manifestation"]);
  const fields = {
    noKnown: codesOf(resource["code"]).includes(NO_KNOWN.code) ? "yes" : "",
    what: conceptWords(resource["code"]),
    category: textOf(categories[0]) || "none",
    criticality: textOf(resource["criticality"]) || "none",
    status: codesOf(resource["clinicalStatus"])[0] ?? "",
    certainty: codesOf(resource["verificationStatus"])[0] ?? "",
    reaction: conceptWords(manifestations[0]),
    severity: textOf(reaction?.["severity"]) || "none",
    onset: onset.value,
  };
  const hidden: AllergyField[] = [];
  if (categories.length > 1) hidden.push("category");
  if (onset.other) hidden.push("onset");
  if (reactions.length > 1 || manifestations.length > 1) hidden.push("reaction", "severity");
  return { fields, hidden };
}

function written(fields: Fields<AllergyField>, start: Start, existing: Existing<AllergyField> | undefined): JsonObject {
  const changed = changedFrom(existing, fields);
  const before = existing && resourceIn(existing.text, "AllergyIntolerance");
  const { id, patient, author } = start;
  const fresh: JsonObject = {
    resourceType: "AllergyIntolerance",
    id,
    patient: patient === undefined ? undefined : { reference: patient },
    recordedDate: now(),
    recorder: { display: author },
  };
  const state = {
    ...(changed("status") ? { clinicalStatus: coded(ALLERGY_STATUS, fields.status) } : {}),
    ...(changed("certainty") ? { verificationStatus: coded(ALLERGY_CERTAINTY, fields.certainty) } : {}),
  };
  // That there are none has no substance, danger or reaction; when it stops being so, the record is resolved.
  if (fields.noKnown !== "") {
    return { ...(before ?? fresh), ...state, ...(before === undefined ? { code: coded(SNOMED, NO_KNOWN.code, NO_KNOWN.display) } : {}) };
  }
  return {
    ...(before ?? fresh),
    ...state,
    ...(changed("what") ? { code: inWords(fields.what) } : {}),
    ...(changed("category") ? { category: fields.category === "none" ? undefined : [fields.category] } : {}),
    ...(changed("criticality") ? { criticality: fields.criticality === "none" ? undefined : fields.criticality } : {}),
    ...(changed("onset") ? whenMembers("onset", dateIn(fields.onset), fields.onset) : {}),
    ...(changed("reaction", "severity") ? { reaction: reactions(fields, before, changed("reaction")) } : {}),
  };
}

/** The one reaction of the form; what was recorded of it besides stays. */
function reactions(fields: Fields<AllergyField>, before: JsonObject | undefined, renamed: boolean): JsonObject[] | undefined {
  const held = objectOf(itemsOf(before?.["reaction"])[0]);
  const manifestation = inWords(fields.reaction);
  if (manifestation === undefined) return undefined;
  const severity = fields.severity === "none" ? undefined : fields.severity;
  return [{ ...held, ...(renamed ? { manifestation: [manifestation] } : {}), severity }];
}

function AllergyFields({ fields, faults, shows, editing, onChange }: FormViewProps<AllergyField>) {
  const { write: texts } = useTexts();
  const none = fields.noKnown !== "";
  const state = (
    <>
      <CodeSelect label={texts.status} words={texts.allergyStatus} value={fields.status} onChange={(status) => onChange({ status })} />
      <CodeSelect label={texts.certainty} words={texts.allergyCertainty} value={fields.certainty} onChange={(certainty) => onChange({ certainty })} />
    </>
  );
  return (
    <div className="stack">
      <div className="stack-small">
        <Checkbox selected={none} disabled={editing} onChange={(selected) => onChange({ noKnown: selected ? "yes" : "" })}>
          {texts.noKnownAllergies}
        </Checkbox>
        <p className="description">{texts.noKnownAllergiesExplain}</p>
      </div>
      {none && editing && <div className="write-pair">{state}</div>}
      {!none && (
        <>
          <TextField
            label={texts.allergySubstance}
            description={texts.allergySubstanceExplain}
            value={fields.what}
            error={faults.what}
            onChange={(what) => onChange({ what })}
          />
          <div className="write-pair">
            <CodeSelect label={texts.criticality} words={texts.criticalities} value={fields.criticality} onChange={(criticality) => onChange({ criticality })} />
            {shows("category") && (
              <CodeSelect label={texts.allergyCategory} words={texts.allergyCategories} value={fields.category} onChange={(category) => onChange({ category })} />
            )}
          </div>
          {shows("reaction") && (
            <div className="write-pair">
              <TextField
                label={texts.allergyReaction}
                description={texts.allergyReactionExplain}
                value={fields.reaction}
                error={faults.reaction}
                onChange={(reaction) => onChange({ reaction })}
              />
              <CodeSelect
                label={texts.severity}
                words={{ none: texts.severityNone, ...texts.severities }}
                value={codeIn(SEVERITIES, fields.severity) ?? "none"}
                onChange={(severity) => onChange({ severity })}
              />
            </div>
          )}
          <div className="write-pair">{state}</div>
          {shows("onset") && <DateField label={texts.onset} value={fields.onset} error={faults.onset} onChange={(onset) => onChange({ onset })} words />}
        </>
      )}
    </div>
  );
}
