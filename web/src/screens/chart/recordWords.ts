// The records' reader says some things in English. Where the catalogue has them they are said in the language of whoever
// reads; what a person wrote, and any other word, is shown as the record has it.

import { useTexts } from "../../texts";

/** For names and values: what the reader says where the record says nothing ("Problem not named"), yes and no. */
export function useRecordNames(): (text: string) => string {
  return translated(useTexts().chart.recordNames);
}

/** For statuses, certainty, severity and the class of an encounter: words that come from codes. */
export function useRecordCodes(): (text: string) => string {
  return translated(useTexts().chart.recordCodes);
}

/** The kind of a resource as a nurse would call it; an unusual one by its FHIR name. */
export function useKindNames(): (kind: string) => string {
  return translated(useTexts().chart.kinds);
}

function translated(words: Record<string, string>): (text: string) => string {
  return (text) => (Object.hasOwn(words, text) ? words[text] : undefined) ?? text;
}
