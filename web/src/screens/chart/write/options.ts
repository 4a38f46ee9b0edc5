import type { Option } from "../../../ui";

/** Codes with their words, as a list to choose from. */
export function choices<Id extends string>(words: Record<Id, string>): Option<Id>[] {
  return (Object.entries(words) as [Id, string][]).map(([id, label]) => ({ id, label }));
}

/** A text that is one of these codes. */
export function codeIn<Id extends string>(codes: Record<Id, unknown>, text: string): Id | undefined {
  return Object.hasOwn(codes, text) ? (text as Id) : undefined;
}
