// FHIR times as moments, for drawing and for ages. What is read is always the text that the record has.

/**
 * The moment of a FHIR date or time; of a day, month or year its beginning by the calendar of this device. `undefined` for
 * words ("in childhood"). A time without an offset says no moment: only its day counts.
 */
export function momentOf(when: string): number | undefined {
  if (/T.*(?:Z|[+-]\d{2}:\d{2})$/.test(when)) {
    const exact = Date.parse(when);
    return Number.isNaN(exact) ? undefined : exact;
  }
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T|$)/.exec(when);
  if (parts === null) return undefined;
  const [, year, month = "01", day = "01"] = parts;
  return new Date(Number(year), Number(month) - 1, Number(day)).getTime();
}

export function hasTimeOfDay(when: string): boolean {
  return when.includes("T");
}
