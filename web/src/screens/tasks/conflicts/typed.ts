// A value of one's own in place of those in conflict. It is typed where all of them differ in one leaf: a number, some words,
// the text of a note.

import { decodeText, encodeText } from "../../../app/files";
import type { Conflict, ConflictElement } from "../../../vault";
import type { Choice, Choices } from "./decision";
import { differing, joined, type Leaf, leavesOf, stringIn } from "./leaves";

export interface TypedLeaf {
  kind: "number" | "words" | "note";
  /** In the resource, as long as nothing was taken out of a list before it. */
  path: string;
  /** The version in whose place it is put, and what that one has there. */
  version: string;
  raw: string;
  /** What the versions have there, in words. */
  values: readonly string[];
}

/** Characters from which on a text is changed rather than written anew. */
const LONG_CHARS = 60;
/** Elements that have a code, a type or an address: words of one's own would mean nothing there. */
const NO_WORDS: ReadonlySet<string> = new Set([
  "code", "comparator", "contentType", "criticality", "div", "docStatus", "gender", "id", "intent", "language", "mode", "priority",
  "reference", "resourceType", "status", "system", "url", "use",
]);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const ITEM = /^(.*)\[(\d+)\]$/;

/** `undefined` for what can only be taken from a version, or edited as text. */
export function typedLeaf({ path, members, alternatives }: ConflictElement): TypedLeaf | undefined {
  if (path === "") return undefined;
  const present = alternatives.flatMap(({ value, versions }) =>
    value === undefined ? [] : [{ leaves: leavesOf(value), version: versions[0] ?? "" }],
  );
  const [first] = present;
  const texts = present.map(({ leaves }) => leaves);
  const paths = texts.length === 1 ? texts.flat().map((leaf) => leaf.path) : [...differing(texts)];
  const [inner, ...others] = paths;
  if (first === undefined || inner === undefined || others.length > 0) return undefined;
  const leaves = texts.flatMap((all) => all.filter((leaf) => leaf.path === inner));
  const [leaf] = leaves;
  if (leaf === undefined || leaves.length < texts.length) return undefined;
  const place = joined(members ? path.replace(/(?:^|\.)[^.]+$/, "") : path, inner);
  const kind = kindOf(place, leaves);
  if (kind === undefined) return undefined;
  const values = leaves.map(({ raw }) => (kind === "note" ? (decodeText(stringIn(raw)) ?? "") : stringIn(raw)));
  return { kind, path: place, version: first.version, raw: leaf.raw, values };
}

/** What a field begins with: a long text with all that was written, one below the other. */
export function beginningOf({ kind, values }: TypedLeaf): string {
  return isLong({ kind, values }) ? values.join("\n\n") : "";
}

export function isLong({ kind, values }: Pick<TypedLeaf, "kind" | "values">): boolean {
  return kind !== "number" && values.some((value) => value.length > LONG_CHARS || value.includes("\n"));
}

export function faultIn({ kind }: Pick<TypedLeaf, "kind">, typed: string): "missing" | "noNumber" | undefined {
  if (typed.trim() === "") return "missing";
  return kind === "number" && !NUMBER.test(typed.trim()) ? "noNumber" : undefined;
}

/** What the vault combined, with each value that was typed in its place; `undefined` where that place is not found. */
export function withTyped(combined: string, conflict: Conflict, choices: Choices): string | undefined {
  const gone = conflict.elements.filter((element) => isRemoved(element, choices[element.path])).map(({ path }) => path);
  let text: string | undefined = combined;
  for (const element of conflict.elements) {
    const choice = choices[element.path];
    const leaf = typedLeaf(element);
    if (choice === undefined || leaf === undefined || "version" in choice || text === undefined) continue;
    text = replaced(text, shifted(leaf.path, gone), leaf.raw, rawOf(leaf.kind, choice.typed));
  }
  return text;
}

function isRemoved({ alternatives }: ConflictElement, choice: Choice | undefined): boolean {
  if (choice === undefined || !("version" in choice)) return false;
  return alternatives.some(({ versions, value }) => value === undefined && versions.includes(choice.version));
}

function kindOf(path: string, leaves: readonly Leaf[]): TypedLeaf["kind"] | undefined {
  const all = (is: (raw: string) => boolean) => leaves.every(({ raw }) => is(raw));
  if (all((raw) => /^[-\d]/.test(raw))) return "number";
  if (!all((raw) => raw.startsWith('"'))) return undefined;
  if (!isData(path)) return NO_WORDS.has(path.split(".").at(-1) ?? "") ? undefined : "words";
  return all((raw) => decodeText(stringIn(raw)) !== undefined) ? "note" : undefined;
}

/** Bytes in base64, by the name that FHIR gives them. */
export function isData(path: string): boolean {
  return /(?:^|\.)data$/.test(path);
}

function rawOf(kind: TypedLeaf["kind"], typed: string): string {
  if (kind === "number") return typed.trim();
  return JSON.stringify(kind === "note" ? encodeText(typed) : typed.trim());
}

function replaced(text: string, path: string, before: string, after: string): string | undefined {
  const leaf = leavesOf(text).find((one) => one.path === path);
  return leaf?.raw === before ? text.slice(0, leaf.from) + after + text.slice(leaf.to) : undefined;
}

/** Where an element has gone after items of lists were taken out. */
function shifted(path: string, gone: readonly string[]): string {
  return path.replace(/\[(\d+)\]/g, (_, index: string, at: number) => {
    const list = path.slice(0, at);
    const before = gone.filter((one) => {
      const [, place, number] = ITEM.exec(one) ?? [];
      return place === list && Number(number) < Number(index);
    });
    return `[${Number(index) - before.length}]`;
  });
}
