// What is typed and not saved yet, as it is sealed: under which key, and how it is read again.

import type { FormName, Fields } from "./form";
import { isFormName } from "./forms";

/** What an editor is opened for. */
export interface EditorPlace {
  chart: string;
  /** `Type/id` of a record that is edited. */
  resourceKey?: string | undefined;
  /** Of a new record; with a key, the form that is asked for in place of the usual one. */
  form?: FormName | undefined;
}

/** The record that is edited, as it was when that began. */
export interface Base {
  key: string;
  text: string;
  versions: string[];
}

export interface DraftContent {
  /** For the id of a new record, so that saving it twice makes it once. */
  id: string;
  form: FormName;
  fields: Fields;
  base: Base | undefined;
  /** Name of the patient, for lists of drafts. */
  patient: string;
  atMs: number;
}

const AREA = "record";

/** One draft for each record that is edited, and one for each form of new records in a chart. */
export function draftKey({ chart, resourceKey, form }: EditorPlace): string {
  return resourceKey === undefined ? `${AREA}/${chart}/new/${form ?? "fhir"}` : `${AREA}/${chart}/edit/${resourceKey}`;
}

/** Where a draft goes on; `undefined` for the draft of something else. */
export function placeOf(key: string): EditorPlace | undefined {
  const [area, chart, kind, ...rest] = key.split("/");
  const name = rest.join("/");
  if (area !== AREA || chart === undefined) return undefined;
  if (kind === "edit") return { chart, resourceKey: name };
  return kind === "new" && isFormName(name) ? { chart, form: name } : undefined;
}

export function draftText(content: DraftContent): string {
  return JSON.stringify(content);
}

/** `undefined` for what another version of the app wrote in another way. */
export function readDraft(text: string): DraftContent | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const draft = said as Partial<DraftContent> | null;
  const isWhole = isFormName(draft?.form) && typeof draft?.id === "string" && isTexts(draft.fields);
  return isWhole ? (draft as DraftContent) : undefined;
}

function isTexts(fields: unknown): boolean {
  return typeof fields === "object" && fields !== null && Object.values(fields).every((value) => typeof value === "string");
}
