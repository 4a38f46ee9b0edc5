import { useTexts } from "../../../texts";
import { today } from "../../../texts/age";
import { dateIn } from "../../../texts/dates";
import { TextField } from "../../../ui";
import { CodeSelect } from "./CodeSelect";
import { changedFrom, type Existing, type Faults, type Fields, type FormViewProps, type Opened, type RecordForm, resourceIn, type Start } from "./form";
import { type Json, type JsonObject, itemsOf, objectOf, textOf, writeJson } from "./json";
import { DateField } from "./TimeField";

type PatientField = "family" | "given" | "birthDate" | "sex" | "died";

/** Which name is shown first, as the list of patients has it; one of another use comes between these. */
const NAME_RANKS: Readonly<Record<string, number>> = { official: 0, usual: 1, maiden: 3, old: 3 };
const OTHER_RANK = 2;

/** Who a person is, for putting right what was registered. Numbers, addresses and further names stay as they are. */
export const patientForm: RecordForm<PatientField> = {
  empty: () => ({ family: "", given: "", birthDate: "", sex: "unknown", died: "" }),
  read,
  faults(fields, { patients, write: texts }, existing) {
    const faults: Faults<PatientField> = {};
    const changed = changedFrom(existing, fields);
    if (changed("family", "given") && fields.family.trim() === "" && fields.given.trim() === "") faults.family = patients.nameMissing;
    const [born, died] = [dateIn(fields.birthDate), dateIn(fields.died)];
    for (const name of ["birthDate", "died"] as const) {
      const date = dateIn(fields[name]);
      if (!changed(name) || fields[name].trim() === "") continue;
      if (date === undefined) faults[name] = texts.whenWrong;
      else if (date > today()) faults[name] = patients.birthDateAhead;
    }
    // Dates of one precision only: "2015" may be before or after "2015-03".
    if (born !== undefined && died !== undefined && born.length === died.length && died < born) faults.died = texts.endBeforeStart;
    return faults;
  },
  write: (fields, start, existing) => [{ text: writeJson(written(fields, start, existing)), from: [] }],
  View: PatientFields,
  wide: false,
};

function read(text: string): Opened<PatientField> | undefined {
  const resource = resourceIn(text, "Patient");
  if (resource === undefined) return undefined;
  const names = itemsOf(resource["name"]);
  const name = objectOf(names[shownFirst(names)]);
  const [family, given] = [textOf(name?.["family"]), itemsOf(name?.["given"]).map(textOf).join(" ")];
  // A name that is not told apart into its parts cannot be shown in two fields.
  if (name !== undefined && family === "" && given === "") return undefined;
  const fields = {
    family,
    given,
    birthDate: textOf(resource["birthDate"]),
    sex: textOf(resource["gender"]),
    died: textOf(resource["deceasedDateTime"]),
  };
  return { fields, hidden: [] };
}

function written(fields: Fields<PatientField>, { id }: Start, existing: Existing<PatientField> | undefined): JsonObject {
  const changed = changedFrom(existing, fields);
  const before: JsonObject = (existing && resourceIn(existing.text, "Patient")) ?? { resourceType: "Patient", id, active: true };
  return {
    ...before,
    ...(changed("family", "given") ? { name: renamed(itemsOf(before["name"]), fields) } : {}),
    ...(changed("birthDate") ? { birthDate: dateIn(fields.birthDate) } : {}),
    ...(changed("sex") ? { gender: fields.sex } : {}),
    ...(changed("died") ? { deceasedDateTime: dateIn(fields.died), deceasedBoolean: undefined } : {}),
  };
}

/** All names, the one that is shown first with other parts. */
function renamed(names: readonly Json[], { family, given }: Fields<PatientField>): Json[] {
  const at = shownFirst(names);
  const parts = given.split(/\s+/).filter((part) => part !== "");
  const name: JsonObject = {
    ...(objectOf(names[at]) ?? { use: "official" }),
    // It said the name that is replaced.
    text: undefined,
    family: family.trim() || undefined,
    given: parts.length === 0 ? undefined : parts,
  };
  return [...names.slice(0, at), name, ...names.slice(at + 1)];
}

function shownFirst(names: readonly Json[]): number {
  const ranks = names.map((name) => NAME_RANKS[textOf(objectOf(name)?.["use"])] ?? OTHER_RANK);
  return Math.max(0, ranks.indexOf(Math.min(...ranks)));
}

function PatientFields({ fields, faults, onChange }: FormViewProps<PatientField>) {
  const { chart, patients: texts } = useTexts();
  return (
    <div className="stack">
      <div className="write-pair">
        <TextField
          label={texts.family}
          value={fields.family}
          error={faults.family}
          onChange={(family) => onChange({ family })}
        />
        <TextField label={texts.given} value={fields.given} onChange={(given) => onChange({ given })} />
      </div>
      <div className="write-pair">
        <DateField label={texts.birthDate} value={fields.birthDate} error={faults.birthDate} onChange={(birthDate) => onChange({ birthDate })} />
        <CodeSelect label={texts.sex} words={texts.sexes} value={fields.sex} onChange={(sex) => onChange({ sex })} />
      </div>
      <DateField label={chart.died} value={fields.died} error={faults.died} onChange={(died) => onChange({ died })} />
    </div>
  );
}
