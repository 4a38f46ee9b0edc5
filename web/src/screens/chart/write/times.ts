// Times as they are typed, and as FHIR has them.

import { dateIn } from "../../../texts/dates";

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/;
/** Without seconds, which FHIR asks for. */
const LOCAL_CHARS = "2026-11-21T14:02".length;

/** What a field for day and time takes: "2026-11-21T14:02", by the clock and the zone of this device. */
export function localTime(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function isLocalTime(text: string): boolean {
  return LOCAL.test(text) && !Number.isNaN(new Date(text).getTime());
}

/** A FHIR dateTime with the offset that held here at that time. */
export function fhirTime(local: string): string {
  const ahead = -new Date(local).getTimezoneOffset();
  const size = Math.abs(ahead);
  const offset = `${ahead < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${local.length === LOCAL_CHARS ? `${local}:00` : local}${offset}`;
}

/** This minute, as FHIR writes it. */
export function now(): string {
  return fhirTime(localTime(new Date()));
}

/** A FHIR dateTime for a field: by the clock of this device where it has a time, else as it is. */
export function fieldTime(fhir: string): string {
  if (!fhir.includes("T")) return fhir;
  const at = new Date(fhir);
  return Number.isNaN(at.getTime()) ? fhir : localTime(at);
}

/** What is in a field for a time, as FHIR; `undefined` where it is neither a time nor a FHIR date. */
export function timeIn(field: string): string | undefined {
  const text = field.trim();
  return isLocalTime(text) ? fhirTime(text) : dateIn(text);
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}
