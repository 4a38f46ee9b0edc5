// The FHIR data types that the forms read and write, and the code systems that they name.

import { type Json, type JsonObject, itemsOf, objectOf, textOf } from "./json";

export const LOINC = "http://loinc.org";
export const SNOMED = "http://snomed.info/sct";
export const UCUM = "http://unitsofmeasure.org";
const HL7 = "http://terminology.hl7.org/CodeSystem";
export const ACT_CODES = `${HL7}/v3-ActCode`;
export const ALLERGY_CERTAINTY = `${HL7}/allergyintolerance-verification`;
export const ALLERGY_STATUS = `${HL7}/allergyintolerance-clinical`;
export const CONDITION_CATEGORY = `${HL7}/condition-category`;
export const CONDITION_CERTAINTY = `${HL7}/condition-ver-status`;
export const CONDITION_STATUS = `${HL7}/condition-clinical`;
export const OBSERVATION_CATEGORY = `${HL7}/observation-category`;

/** A CodeableConcept of words alone; `undefined` where there are none. */
export function inWords(words: string): JsonObject | undefined {
  const text = words.trim();
  return text === "" ? undefined : { text };
}

/** A CodeableConcept of one code. */
export function coded(system: string, code: string, display?: string): JsonObject {
  return { coding: [{ system, code, display }] };
}

/** What a CodeableConcept says, as the chart shows it: its text, else the first display, else the first code. */
export function conceptWords(value: Json | undefined): string {
  const concept = objectOf(value);
  const codings = itemsOf(concept?.["coding"]).map(objectOf);
  const first = (name: string) => codings.map((coding) => textOf(coding?.[name])).find((text) => text !== "");
  return textOf(concept?.["text"]) || first("display") || first("code") || "";
}

/** The codes of a CodeableConcept. */
export function codesOf(value: Json | undefined): string[] {
  return itemsOf(objectOf(value)?.["coding"]).map((coding) => textOf(objectOf(coding)?.["code"])).filter((code) => code !== "");
}

/** A choice of types such as `onset[x]`: its value where it is a date or words, and whether it is something else. */
export function whenOf(resource: JsonObject, name: string): { value: string; other: boolean } {
  const value = textOf(resource[`${name}DateTime`]) || textOf(resource[`${name}String`]);
  const other = Object.keys(resource).some((member) => member.startsWith(name) && /^(?:Period|Age|Range)$/.test(member.slice(name.length)));
  return { value, other };
}

/** Members for such a choice in place of whatever was there. */
export function whenMembers(name: string, date: string | undefined, words: string): JsonObject {
  return {
    [`${name}DateTime`]: date,
    [`${name}String`]: date === undefined && words.trim() !== "" ? words.trim() : undefined,
    [`${name}Period`]: undefined,
    [`${name}Age`]: undefined,
    [`${name}Range`]: undefined,
  };
}
