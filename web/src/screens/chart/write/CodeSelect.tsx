import { choices, Select } from "../../../ui";

export interface CodeSelectProps<Id extends string> {
  label: string;
  /** Every code that can be chosen, with its words. */
  words: Record<Id, string>;
  /** A code of a record; while it is none of these, nothing is chosen. */
  value: string;
  /** Of the codes, those that are not offered here. */
  without?: readonly string[];
  onChange(value: NoInfer<Id>): void;
}

/** One of some codes of FHIR, in the reader's words. */
export function CodeSelect<Id extends string>({ label, words, value, without = [], onChange }: CodeSelectProps<Id>) {
  const codes = (Object.keys(words) as Id[]).filter((code) => !without.includes(code));
  return <Select label={label} options={choices(codes, words)} value={codeIn(words, value) ?? null} onChange={onChange} />;
}

/** A text that is one of these codes. */
export function codeIn<Id extends string>(codes: Record<Id, unknown>, text: string): Id | undefined {
  return Object.hasOwn(codes, text) ? (text as Id) : undefined;
}
