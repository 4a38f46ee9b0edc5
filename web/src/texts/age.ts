// Ages, no more exact than the dates that they come from: "52 or 53 years" where only the year of birth is known. The
// records say them in English; this says them in the language of the reader, and for lists that have a birth date only.

import type { Texts } from "./en";

type Unit = "years" | "months" | "days";

interface Span {
  count: number;
  unit: Unit;
}

interface Age {
  /** Absent where the birth may be later than the day asked about. */
  least: Span | undefined;
  most: Span;
}

interface Day {
  year: number;
  month: number;
  day: number;
}

/** The age at a FHIR date of somebody born at another; `undefined` where a date is not known. */
export function ageInWords(words: Texts["chart"]["ages"], born: string | undefined, on: string): string | undefined {
  const age = born === undefined ? undefined : ageBetween(born, on);
  if (age === undefined) return undefined;
  const { least, most } = age;
  const say = ({ count, unit }: Span) => words[unit](count);
  if (least === undefined) return words.upTo(say(most));
  if (least.unit === most.unit && least.count === most.count) return say(most);
  if (least.unit === "years" && most.count === least.count + 1) return words.eitherYears(least.count, most.count);
  return words.between(say(least), say(most));
}

/** Today by the calendar of this device, as a FHIR date. */
export function today(now = new Date()): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function ageBetween(born: string, on: string): Age | undefined {
  const birth = daysOf(born);
  const moment = daysOf(on);
  if (birth === undefined || moment === undefined) return undefined;
  const most = span(birth.first, moment.last);
  return most === undefined ? undefined : { least: span(birth.last, moment.first), most };
}

/** The first and the last day that a FHIR date may mean. */
function daysOf(date: string): { first: Day; last: Day } | undefined {
  const found = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T|$)/.exec(date);
  if (found === null) return undefined;
  const [year, month, day] = [Number(found[1]), found[2], found[3]];
  if (month === undefined) return { first: { year, month: 1, day: 1 }, last: { year, month: 12, day: 31 } };
  const inMonth = { year, month: Number(month) };
  if (day !== undefined) return { first: { ...inMonth, day: Number(day) }, last: { ...inMonth, day: Number(day) } };
  return { first: { ...inMonth, day: 1 }, last: { ...inMonth, day: daysInMonth(inMonth.year, inMonth.month) } };
}

/** Years from two years on, months from one month on, days before that, as paediatrics counts. */
function span(born: Day, on: Day): Span | undefined {
  let months = (on.year - born.year) * 12 + on.month - born.month;
  let days = on.day - born.day;
  if (days < 0) {
    months -= 1;
    days += daysInMonth(on.year, on.month - 1);
  }
  if (months < 0) return undefined;
  if (months >= 24) return { count: Math.floor(months / 12), unit: "years" };
  return months >= 1 ? { count: months, unit: "months" } : { count: days, unit: "days" };
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
