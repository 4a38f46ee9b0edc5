// Marks a record as made in error, in the element where its type says so. The chart then leaves it out everywhere.

import { ALLERGY_CERTAINTY, coded, CONDITION_CERTAINTY } from "./fhir";
import { objectOf, readJson, readsDigits, writeJson } from "./json";

const ERROR = "entered-in-error";
/** These say it by how certain they are, and then have no clinical status (R4 con-5, ait-2). */
const BY_CERTAINTY: Readonly<Record<string, string>> = { Condition: CONDITION_CERTAINTY, AllergyIntolerance: ALLERGY_CERTAINTY };
const BY_STATUS = [
  "CarePlan", "CareTeam", "ClinicalImpression", "Communication", "Composition", "Consent", "DiagnosticReport", "DocumentReference", "Encounter",
  "FamilyMemberHistory", "ImagingStudy", "Immunization", "MedicationAdministration", "MedicationRequest", "MedicationStatement", "Observation",
  "Procedure", "QuestionnaireResponse", "ServiceRequest",
];

/** The text of a record that says so; `undefined` where its type has no way to, or the browser would lose digits. */
export function enteredInError(text: string): string | undefined {
  const resource = readsDigits ? objectOf(readJson(text)) : undefined;
  const type = resource?.["resourceType"];
  if (resource === undefined || typeof type !== "string") return undefined;
  const certainty = BY_CERTAINTY[type];
  if (certainty !== undefined) {
    return writeJson({ ...resource, clinicalStatus: undefined, verificationStatus: coded(certainty, ERROR) });
  }
  return BY_STATUS.includes(type) ? writeJson({ ...resource, status: ERROR }) : undefined;
}
