// What was begun and where it goes on, by the keys under which drafts are sealed.

import { isDraftOfRecord } from "../../../app/preferences";
import type { Vault } from "../../../vault";

export type DraftPlace =
  /** A record of a chart: `form` of a new one, `type` of one that is edited. */
  | { is: "record"; chart: string; form: string | undefined; type: string | undefined }
  | { is: "patient" }
  /** Between versions of a record. */
  | { is: "decision"; chart: string; type: string }
  /** Of another version of this app. */
  | { is: "other" };

export interface Draft {
  key: string;
  savedMs: number;
  place: DraftPlace;
  /** Name of whom it is about, as far as the draft says so. */
  patient: string | undefined;
}

const RECORD = "record";
const DECISION = "decision";
const NEW_PATIENT = "new/patient";

export function decisionKey(chart: string, resourceKey: string): string {
  return `${DECISION}/${chart}/${resourceKey}`;
}

/** The latest first. */
export async function draftsOf(vault: Vault): Promise<Draft[]> {
  const lines = (await vault.drafts()).filter(({ key }) => isDraftOfRecord(key));
  return Promise.all(
    lines.map(async ({ key, savedMs }) => ({ key, savedMs, place: placeOf(key), patient: patientIn(await vault.draft(key)) })),
  );
}

function placeOf(key: string): DraftPlace {
  if (key === NEW_PATIENT) return { is: "patient" };
  const [area, chart, part, name] = key.split("/");
  if (chart === undefined || part === undefined) return { is: "other" };
  if (area === DECISION) return { is: "decision", chart, type: part };
  if (area === RECORD && part === "new") return { is: "record", chart, form: name, type: undefined };
  return area === RECORD && part === "edit" ? { is: "record", chart, form: undefined, type: name } : { is: "other" };
}

/** Drafts of records say whom they are about; one that is written in another way says nothing here. */
function patientIn(draft: string | undefined): string | undefined {
  try {
    const said: unknown = JSON.parse(draft ?? "null");
    const patient = typeof said === "object" && said !== null && "patient" in said ? said.patient : undefined;
    return typeof patient === "string" ? patient : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
