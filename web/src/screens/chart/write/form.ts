// What a form for records is: how it reads a record, says what is missing, and writes.

import type { ReactNode } from "react";
import type { Texts } from "../../../texts";
import { type JsonObject, objectOf, readJson, readsDigits } from "./json";

export type FormName = "vitals" | "note" | "problem" | "allergy" | "medication" | "encounter" | "patient" | "fhir";

/** What is typed, by field. Texts only, so that a draft of it is sealed and restored as it stands. */
export type Fields<Name extends string = string> = Readonly<Record<Name, string>>;
/** What is wrong with a field and how to put it right. */
export type Faults<Name extends string = string> = Partial<Record<Name, string>>;

/** What a new record starts from. */
export interface Start {
  /** For the id of the record that is written. */
  id: string;
  /** `Patient/id`; absent in charts that are no patient's. */
  patient: string | undefined;
  /** Display name of who writes. */
  author: string;
}

/** A record that is edited: as it was, and as the form showed it at first. */
export interface Existing<Name extends string = string> {
  text: string;
  fields: Fields<Name>;
}

export interface Opened<Name extends string = string> {
  fields: Fields<Name>;
  /** Fields that cannot show what the record has there: they are left out, and it stays as it is. */
  hidden: readonly Name[];
}

/** A record to be written. */
export interface Draft<Name extends string = string> {
  text: string;
  /** The fields that it came from, where others make records of their own. */
  from: readonly Name[];
}

export interface FormViewProps<Name extends string = string> {
  fields: Fields<Name>;
  faults: Faults<Name>;
  /** Whether to show a field. */
  shows(name: Name): boolean;
  editing: boolean;
  onChange(change: Partial<Record<Name, string>>): void;
}

export interface RecordForm<Name extends string = string> {
  empty(start: Start): Fields<Name>;
  /** `undefined` for a record that this form cannot show. */
  read(text: string): Opened<Name> | undefined;
  faults(fields: Fields<Name>, texts: Texts, existing: Existing<Name> | undefined): Faults<Name>;
  write(fields: Fields<Name>, start: Start, existing: Existing<Name> | undefined): Draft<Name>[];
  View(props: FormViewProps<Name>): ReactNode;
  wide: boolean;
}

/** The resource in a text, if it is of this type and can be read without losing digits. */
export function resourceIn(text: string, ...types: string[]): JsonObject | undefined {
  if (!readsDigits) return undefined;
  const resource = objectOf(readJson(text));
  return resource !== undefined && types.some((type) => resource["resourceType"] === type) ? resource : undefined;
}

/** Says which fields differ from what the form showed at first; all of a new record. */
export function changedFrom<Name extends string>(existing: Existing<Name> | undefined, fields: Fields<Name>) {
  return (...names: Name[]): boolean => existing === undefined || names.some((name) => existing.fields[name] !== fields[name]);
}
