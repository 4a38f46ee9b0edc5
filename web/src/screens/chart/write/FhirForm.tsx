import { type Texts, useTexts } from "../../../texts";
import { TextField } from "../../../ui";
import type { Existing, Fields, FormViewProps, RecordForm, Start } from "./form";
import { writeJson } from "./json";

type FhirField = "text";

/** Any record, as the text that it is. What is typed is handed over as it stands, so every digit stays. */
export const fhirForm: RecordForm<FhirField> = {
  empty: ({ id, patient }: Start) => ({
    text: writeJson({
      resourceType: "Procedure",
      id,
      status: "completed",
      code: { text: "" },
      subject: patient === undefined ? undefined : { reference: patient },
    }),
  }),
  read: (text) => ({ fields: { text }, hidden: [] }),
  faults(fields, { write: texts }, existing) {
    const fault = faultIn(fields.text, texts, existing);
    return fault === undefined ? {} : { text: fault };
  },
  write: (fields: Fields<FhirField>) => [{ text: fields.text, from: [] }],
  View: FhirFields,
  wide: true,
};

function faultIn(text: string, texts: Texts["write"], existing: Existing<FhirField> | undefined): string | undefined {
  if (text.trim() === "") return texts.fhirEmpty;
  let resource: unknown;
  try {
    resource = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Most browsers say where. What else they say quotes the record, and is in their language.
    const [, line, column] = /line (\d+) column (\d+)/.exec(error.message) ?? [];
    return line === undefined ? texts.fhirBroken : texts.fhirBrokenAt(Number(line), Number(column));
  }
  if (typeof resource !== "object" || resource === null || Array.isArray(resource)) return texts.fhirNoObject;
  const { resourceType, id } = resource as { resourceType?: unknown; id?: unknown };
  if (typeof resourceType !== "string" || resourceType === "") return texts.fhirNoType;
  if (existing === undefined) return undefined;
  const before = JSON.parse(existing.text) as { resourceType?: unknown; id?: unknown };
  return before.resourceType === resourceType && before.id === id ? undefined : texts.fhirOtherType;
}

function FhirFields({ fields, faults, onChange }: FormViewProps<FhirField>) {
  const { write: texts } = useTexts();
  // Where the text breaks is said while it is typed: a bracket is easier to find at once.
  const broken = fields.text.trim() === "" ? undefined : faultIn(fields.text, texts, undefined);
  return (
    <TextField
      label={texts.fhirText}
      description={texts.fhirExplain}
      value={fields.text}
      error={faults.text ?? broken}
      onChange={(text) => onChange({ text })}
      rows={20}
      fixed
    />
  );
}
