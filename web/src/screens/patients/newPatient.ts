// What is typed of a new patient, and the FHIR Patient that it makes.

import { today } from "../../texts/age";
import { dateIn } from "../../texts/dates";

export const NEW_PATIENT_DRAFT = "new/patient";

/** Kinds of numbers that are asked for by name: codes of HL7 table 0203, as FHIR R4 binds `Identifier.type`. */
export const NUMBER_KINDS = ["MR", "NI", "PPN", "other"] as const;
const NUMBER_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0203";
/** What the records' own reader and other systems show for a code; part of the record, so not in the reader's language. */
const NUMBER_WORDS = { MR: "Medical record number", NI: "National number", PPN: "Passport number" };

export const SEXES = ["female", "male", "other", "unknown"] as const;

export type NumberKind = (typeof NUMBER_KINDS)[number];
export type Sex = (typeof SEXES)[number];

export interface PatientNumber {
  kind: NumberKind;
  value: string;
}

export interface NewPatient {
  /** FHIR id, the same from the first letter to the chart: what was registered once is not registered again. */
  id: string;
  family: string;
  given: string;
  /** As typed; {@link readBirthDate} says what it means. */
  birthDate: string;
  sex: Sex | null;
  numbers: PatientNumber[];
  /** Name of the team, `""` for nobody else, `null` while it is not chosen. */
  team: string | null;
}

export type BirthDate =
  | { is: "missing" }
  | { is: "wrong" }
  | { is: "ahead" }
  /** A FHIR date, which may be a year or a month. */
  | { is: "date"; date: string };

/** Nothing typed yet. Who is in one team shares with it, as the vault does; among several, a person chooses. */
export function emptyPatient(teams: readonly string[]): NewPatient {
  const [only, ...others] = teams;
  const team = only === undefined ? "" : others.length === 0 ? only : null;
  return { id: crypto.randomUUID(), family: "", given: "", birthDate: "", sex: null, numbers: [{ kind: "MR", value: "" }], team };
}

export function isEmpty({ family, given, birthDate, sex, numbers }: NewPatient): boolean {
  return [family, given, birthDate, ...numbers.map(({ value }) => value)].every((text) => text.trim() === "") && sex === null;
}

/** A draft of this member; what cannot be read, or names a team that they have left, is begun anew. */
export function fromDraft(text: string, teams: readonly string[]): NewPatient {
  const empty = emptyPatient(teams);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return empty;
    throw error;
  }
  const draft = { ...empty, ...(said as Partial<NewPatient>) };
  return { ...draft, team: draft.team === "" || draft.team === null || teams.includes(draft.team) ? draft.team : empty.team };
}

export function readBirthDate(typed: string): BirthDate {
  if (typed.trim() === "") return { is: "missing" };
  const date = dateIn(typed);
  if (date === undefined) return { is: "wrong" };
  return date > today() ? { is: "ahead" } : { is: "date", date };
}

/** FHIR JSON of what is typed so far. */
export function patientJson(form: NewPatient): string {
  const birth = readBirthDate(form.birthDate);
  const given = form.given.split(/\s+/).filter((name) => name !== "");
  const family = form.family.trim();
  const name = { use: "official", ...(family === "" ? {} : { family }), ...(given.length === 0 ? {} : { given }) };
  const identifier = form.numbers.filter(({ value }) => value.trim() !== "").map(identifierOf);
  return JSON.stringify({
    resourceType: "Patient",
    id: form.id,
    active: true,
    ...(family === "" && given.length === 0 ? {} : { name: [name] }),
    ...(identifier.length === 0 ? {} : { identifier }),
    ...(form.sex === null ? {} : { gender: form.sex }),
    ...(birth.is === "date" ? { birthDate: birth.date } : {}),
  });
}

function identifierOf({ kind, value }: PatientNumber) {
  const number = { value: value.trim() };
  if (kind === "other") return number;
  return { type: { coding: [{ system: NUMBER_SYSTEM, code: kind }], text: NUMBER_WORDS[kind] }, ...number };
}
