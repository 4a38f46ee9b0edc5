// JSON as FHIR needs it: a number is the digits that were written, so that 36.50 does not become 36.5 on its way through a
// form. The browser's own parser reads it; what it hands over besides each number is that number's text.

export type Json = null | boolean | string | Digits | Json[] | JsonObject;

/** Members that are `undefined` are not written. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** A number by its text. */
export class Digits {
  constructor(readonly digits: string) {}
}

/** `JSON.parse` with the third argument that TypeScript does not know yet (ECMA-262, JSON.parse source text access). */
type Parse = (text: string, revive: (name: string, value: unknown, context?: { source?: string }) => unknown) => unknown;
const parse = JSON.parse as Parse;

/** False in browsers from before 2025: what they read would lose digits, so nothing that was read may be written back. */
export const readsDigits: boolean = parse("1.0", (_, value, context) => context?.source ?? value) === "1.0";

/** Throws a `SyntaxError` where `text` is no JSON. */
export function readJson(text: string): Json {
  const keepDigits = (value: unknown, source: string | undefined) =>
    typeof value === "number" ? new Digits(source ?? String(value)) : value;
  return parse(text, (_, value, context) => keepDigits(value, context?.source)) as Json;
}

/** Over several lines, as the editor shows it. */
export function writeJson(value: Json, indent = ""): string {
  const inner = `${indent}  `;
  const lines = (parts: string[], [open, close]: [string, string]) =>
    parts.length === 0 ? open + close : `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
  if (value instanceof Digits) return value.digits;
  if (Array.isArray(value)) return lines(value.map((item) => writeJson(item, inner)), ["[", "]"]);
  const object = objectOf(value);
  if (object === undefined) return JSON.stringify(value);
  const members = Object.entries(object).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}: ${writeJson(member, inner)}`],
  );
  return lines(members, ["{", "}"]);
}

export function objectOf(value: Json | undefined): JsonObject | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Digits) return undefined;
  return value;
}

export function itemsOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** Empty where there is no text. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
