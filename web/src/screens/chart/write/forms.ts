// The forms there are, and which one shows a record.

import { allergyForm } from "./AllergyForm";
import { encounterForm } from "./EncounterForm";
import { fhirForm } from "./FhirForm";
import type { FormName, RecordForm } from "./form";
import { medicationForm } from "./MedicationForm";
import { noteForm } from "./NoteForm";
import { patientForm } from "./PatientForm";
import { problemForm } from "./ProblemForm";
import { vitalsForm } from "./VitalsForm";

export const FORMS: Record<FormName, RecordForm> = {
  vitals: vitalsForm,
  note: noteForm,
  problem: problemForm,
  allergy: allergyForm,
  medication: medicationForm,
  encounter: encounterForm,
  patient: patientForm,
  fhir: fhirForm,
};

const FORM_OF: Readonly<Record<string, FormName>> = {
  Observation: "vitals",
  DocumentReference: "note",
  Condition: "problem",
  AllergyIntolerance: "allergy",
  MedicationStatement: "medication",
  MedicationRequest: "medication",
  Encounter: "encounter",
  Patient: "patient",
};

export function isFormName(text: unknown): text is FormName {
  return typeof text === "string" && Object.hasOwn(FORMS, text);
}

/** The form for a type of resource; the text where there is none. */
export function formOf(type: string): FormName {
  return FORM_OF[type] ?? "fhir";
}
