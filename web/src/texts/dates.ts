// Dates as people type them, whole or in part.

const WRITTEN = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/;
const SPOKEN = /^(?:(?:(\d{1,2})\.\s?)?(\d{1,2})\.\s?)?(\d{4})$/;
/** Nobody whose records are kept was born before; an earlier year is a slip of the finger. */
const YEAR_MIN = 1800;

/** Reads `2015`, `2015-2`, `02.2015` and `3.2.2015` as FHIR dates. Slashes are not read: they mean two things. */
export function dateIn(typed: string): string | undefined {
  const text = typed.trim();
  const written = WRITTEN.exec(text)?.slice(1);
  const spoken = SPOKEN.exec(text)?.slice(1).reverse();
  const [year, month, day] = written ?? spoken ?? [];
  if (year === undefined || !isDay(Number(year), Number(month ?? 1), Number(day ?? 1))) return undefined;
  return [year, month, day].filter((part) => part !== undefined).map((part) => part.padStart(2, "0")).join("-");
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= YEAR_MIN && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
