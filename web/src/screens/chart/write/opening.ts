// What an editor begins with: an empty form, a record, or the draft of either.

import { type ChartPage, failureOf, type Vault } from "../../../vault";
import { type Base, type DraftContent, draftKey, type EditorPlace, readDraft } from "./drafts";
import type { Existing, Fields, FormName, Start } from "./form";
import { formOf, FORMS } from "./forms";
import { readsDigits } from "./json";

/** What is being written, and the record that it began with. */
export interface Work {
  form: FormName;
  fields: Fields;
  start: Start;
  base: Base | undefined;
  existing: Existing | undefined;
  hidden: readonly string[];
}

export interface Beginning {
  page: ChartPage;
  /** Without the draft. */
  fresh: Work;
  draft: { work: Work; atMs: number } | undefined;
  /** There is a draft that this version of the app cannot read. */
  draftUnreadable: boolean;
}

export async function begin(vault: Vault, place: EditorPlace, author: string): Promise<Beginning> {
  const page = await vault.chart(place.chart);
  const patientId = page.banner.patientIds[0];
  const start: Start = { id: crypto.randomUUID(), patient: patientId === undefined ? undefined : `Patient/${patientId}`, author };
  const text = await vault.draft(draftKey(place));
  const kept = text === undefined ? undefined : readDraft(text);
  const fresh = place.resourceKey === undefined ? newWork(place.form ?? "fhir", start) : await openWork(vault, place, place.resourceKey, start, kept);
  const work = kept && withDraft(kept, start);
  const draft = kept && work && { work, atMs: kept.atMs };
  return { page, fresh, draft, draftUnreadable: text !== undefined && draft === undefined };
}

function newWork(form: FormName, start: Start): Work {
  return { form, fields: FORMS[form].empty(start), start, base: undefined, existing: undefined, hidden: [] };
}

/** Another new record by the same form. */
export function anew({ form, start }: Work): Work {
  return newWork(form, { ...start, id: crypto.randomUUID() });
}

async function openWork(vault: Vault, { chart, form }: EditorPlace, key: string, start: Start, kept: DraftContent | undefined): Promise<Work> {
  const wanted = form ?? formOf(typeIn(key));
  try {
    const { text, versions } = await vault.resource(chart, key);
    return workOn({ key, text, versions }, wanted, start);
  } catch (error) {
    // Somebody has deleted it since: what was typed can be saved all the same, and then somebody decides between the two.
    if (kept?.base === undefined || failureOf(error).kind !== "notFound") throw error;
    return workOn(kept.base, wanted, start);
  }
}

/** A record in the form that is asked for, or as text where that form cannot show it. */
export function workOn(base: Base, form: FormName, start: Start): Work {
  const opened = FORMS[form].read(base.text);
  if (opened === undefined) return workOn(base, "fhir", start);
  const { fields, hidden } = opened;
  return { form, fields, start, base, existing: { text: base.text, fields }, hidden };
}

/** `undefined` where the form of the draft cannot show the record that it began with. */
function withDraft({ id, form, fields, base }: DraftContent, started: Start): Work | undefined {
  const start = { ...started, id };
  const begun = base === undefined ? newWork(form, start) : workOn(base, form, start);
  if (begun.form !== form) return undefined;
  // Fields that this version of the app does not have are left out, and new ones are empty.
  const typed = Object.keys(begun.fields).map((name) => [name, fields[name] ?? begun.fields[name] ?? ""]);
  return { ...begun, fields: Object.fromEntries(typed) as Fields };
}

/** Why a record is edited as text although there is a form for its type. */
export function whyText({ form, base }: Work): "oldBrowser" | "onlyAsText" | undefined {
  if (form !== "fhir" || base === undefined || formOf(typeIn(base.key)) === "fhir") return undefined;
  return readsDigits ? "onlyAsText" : "oldBrowser";
}

/** What would be saved now, as one text to go on with; `undefined` where it makes several records. */
export function asText({ form, fields, start, base, existing }: Work): Work | undefined {
  const [draft, ...others] = FORMS[form].write(fields, start, existing);
  if (draft === undefined || others.length > 0 || base === undefined) return undefined;
  return { ...workOn(base, "fhir", start), fields: { text: draft.text } };
}

/** The type in `Type/id`. */
function typeIn(key: string): string {
  return key.split("/")[0] ?? key;
}
