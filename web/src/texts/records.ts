// The records' reader says some things in English. Where the catalogue has them they are said in the language of whoever
// reads; what a person wrote, and any other word, is shown as the record has it.

import { useFormat, useTexts } from "./index";

/** A record in one line, as the vault takes it apart. */
export interface Line {
  kind: string;
  what: string | undefined;
  value: string | undefined;
  flag: Flag | undefined;
  day: string | undefined;
  status: string | undefined;
}

type Flag = "low" | "high" | "criticalLow" | "criticalHigh" | "abnormal";

/** Whose chart it is: a name as the record has it, or what the vault says where there is none. */
export function useChartTitles(): (title: string) => string {
  const { noName, organisationChart, unfiledChart } = useTexts().patients;
  return translated({ "Name not known": noName, organisation: organisationChart, unfiled: unfiledChart });
}

/** For names and values: what the reader says where the record says nothing ("Problem not named"), yes and no. */
export function useRecordNames(): (text: string) => string {
  return translated(useTexts().chart.recordNames);
}

/** For statuses, certainty, severity and the class of an encounter: words that come from codes. */
export function useRecordCodes(): (text: string) => string {
  return translated(useTexts().chart.recordCodes);
}

/** For either, where a text may be the one or the other. */
export function useRecordWords(): (text: string) => string {
  const { recordNames, recordCodes } = useTexts().chart;
  return translated({ ...recordNames, ...recordCodes });
}

/** The kind of a resource as a nurse would call it; an unusual one by its FHIR name. */
export function useKindNames(): (kind: string) => string {
  return translated(useTexts().chart.kinds);
}

export interface LineWords {
  /** "Asthma (active)": for where kind and day stand beside it. */
  short(line: Line): string;
  /** "Problem: Asthma, 15 Jun 2020 (active)" */
  whole(line: Line): string;
}

export function useLineWords(): LineWords {
  const { flags } = useTexts().vitals;
  const format = useFormat();
  const [name, code, kindName] = [useRecordNames(), useRecordCodes(), useKindNames()];
  const named = ({ kind, what, value, flag }: Line, first: string) => {
    const parts = [first, what && name(what), value && name(value)].filter((part) => part !== undefined && part !== "");
    return `${parts.length === 0 ? kindName(kind) : parts.join(": ")}${flag === undefined ? "" : ` (${flags[flag]})`}`;
  };
  const stands = (status: string | undefined) => (status === undefined ? "" : ` (${code(status)})`);
  return {
    short: (line) => named(line, "") + stands(line.status),
    whole: (line) => `${named(line, kindName(line.kind))}${line.day === undefined ? "" : `, ${format.date(line.day)}`}${stands(line.status)}`,
  };
}

function translated(words: Record<string, string>): (text: string) => string {
  return (text) => (Object.hasOwn(words, text) ? words[text] : undefined) ?? text;
}
