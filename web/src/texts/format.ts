// Dates, times, numbers and lists as the reader writes them. FHIR dates may be partial (`2015`, `2015-02`), and are shown
// as exact as they are and no more.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Of other texts, "winter 2013" among them, some browsers make a date too: one that nobody wrote. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T/;

type Time = Date | number | string;

export interface Format {
  /** The day of a moment, or of a FHIR date that may be partial: "3 Feb 2015", "Feb 2015", "2015". */
  date(value: Time): string;
  /** "14:32" */
  time(value: Time): string;
  /** "3 Feb 2015, 14:32"; a FHIR date without a time stays one. */
  dateTime(value: Time): string;
  /** "Today 14:32", "Yesterday 09:10", else day and time. */
  recent(value: Time, now?: number): string;
  /** "5 minutes ago", "in 3 days" */
  ago(value: Time, now?: number): string;
  /** "2 days", "3 hours": how long a stretch of milliseconds is, in its largest unit. */
  duration(ms: number): string;
  number(value: number): string;
  percent(part: number, whole: number): string;
  /** "1.4 MB" */
  bytes(value: number): string;
  /** "Kim, Lee and Berg" */
  list(items: readonly string[]): string;
  compare(a: string, b: string): number;
}

const formats = new Map<string, Format>();

/** Made once, for that takes long and every line of a list asks for it; again where the device has changed its time zone. */
export function formatFor(locale: string): Format {
  const key = `${locale} ${new Date().getTimezoneOffset()}`;
  const held = formats.get(key);
  if (held !== undefined) return held;
  const format = makeFormat(locale);
  formats.set(key, format);
  return format;
}

function makeFormat(locale: string): Format {
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
  const month = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" });
  const calendarDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const both = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const plain = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: "percent" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });

  /** A FHIR date is a calendar day, the same everywhere: it must not move with the time zone. */
  const partial = (value: Time): string | undefined => {
    if (typeof value !== "string") return undefined;
    const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(value);
    if (parts === null) return undefined;
    const [, year = "", monthOfYear, dayOfMonth] = parts;
    if (monthOfYear === undefined) return year;
    const at = Date.UTC(Number(year), Number(monthOfYear) - 1, Number(dayOfMonth ?? 1));
    return (dayOfMonth === undefined ? month : calendarDay).format(at);
  };
  /** Text that is no date is shown as it is: hiding it would hide a record. */
  const moment = (value: Time, form: Intl.DateTimeFormat): string => {
    const at = new Date(value);
    const isText = typeof value === "string" && !MOMENT.test(value);
    return isText || Number.isNaN(at.getTime()) ? String(value) : form.format(at);
  };

  const format: Format = {
    date: (value) => partial(value) ?? moment(value, day),
    time: (value) => moment(value, clock),
    dateTime: (value) => partial(value) ?? moment(value, both),
    recent(value, now = Date.now()) {
      const at = new Date(value).getTime();
      const days = daysBetween(at, now);
      if (partial(value) !== undefined || Number.isNaN(at) || days > 1 || days < 0) return format.dateTime(value);
      const name = relative.format(-days, "day");
      return `${name.charAt(0).toLocaleUpperCase(locale)}${name.slice(1)} ${clock.format(at)}`;
    },
    ago(value, now = Date.now()) {
      const ms = new Date(value).getTime() - now;
      const size = Math.abs(ms);
      if (size < HOUR_MS) return relative.format(Math.round(ms / MINUTE_MS), "minute");
      if (size < 2 * DAY_MS) return relative.format(Math.round(ms / HOUR_MS), "hour");
      return relative.format(Math.round(ms / DAY_MS), "day");
    },
    duration(ms) {
      const [value, unit] = largestUnit(ms);
      return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
    },
    number: (value) => plain.format(value),
    percent: (part, whole) => percents.format(whole === 0 ? 0 : part / whole),
    bytes(value) {
      const [size, unit] = byteUnit(value);
      return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(size);
    },
    list: (items) => lists.format(items),
    compare: (a, b) => collator.compare(a, b),
  };
  return format;
}

function largestUnit(ms: number): [number, "minute" | "hour" | "day"] {
  if (ms >= 2 * DAY_MS) return [Math.round(ms / DAY_MS), "day"];
  if (ms >= HOUR_MS) return [Math.round(ms / HOUR_MS), "hour"];
  return [Math.round(ms / MINUTE_MS), "minute"];
}

function byteUnit(value: number): [number, "byte" | "kilobyte" | "megabyte"] {
  if (value < 1000) return [value, "byte"];
  return value < 1_000_000 ? [value / 1000, "kilobyte"] : [value / 1_000_000, "megabyte"];
}

/** By the calendar of the reader: an hour ago may be yesterday. */
function daysBetween(from: number, to: number): number {
  const start = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((start(to) - start(from)) / DAY_MS);
}
