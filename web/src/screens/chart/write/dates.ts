// Days and times as they are typed, and as FHIR has them.

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/;
/** Without seconds, which FHIR asks for. */
const LOCAL_CHARS = "2026-11-21T14:02".length;
const PARTIAL = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const SPOKEN = /^(?:(?:(\d{1,2})\.\s?)?(\d{1,2})\.\s?)?(\d{4})$/;

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

/** Reads `2015`, `2015-02`, `02.2015` and `3.2.2015` as FHIR dates. Slashes are not read: they mean two things. */
export function dateIn(typed: string): string | undefined {
  const text = typed.trim();
  const written = PARTIAL.exec(text)?.slice(1);
  const spoken = SPOKEN.exec(text)?.slice(1).reverse();
  const [year, month, day] = written ?? spoken ?? [];
  if (year === undefined || !isDay(Number(year), Number(month ?? 1), Number(day ?? 1))) return undefined;
  return [year, month, day].filter((part) => part !== undefined).map(two).join("-");
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1800 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function two(part: number | string): string {
  return String(part).padStart(2, "0");
}
