// A new record may be in the chart already: the app can end between saving it and dropping its draft.

import { type Edited, failureOf, type Vault, type Written } from "../../../vault";
import { objectOf, readJson, textOf, writeJson } from "./json";

/** Saves a record. A new one that is in the chart already, and says the same there, counts as saved. */
export async function putOnce(vault: Vault, chart: string, text: string, edited: Edited | undefined): Promise<Written> {
  try {
    return await vault.put(chart, text, edited);
  } catch (error) {
    const key = edited === undefined ? keyThere(error, text) : undefined;
    const there = key === undefined ? undefined : await resourceAt(vault, chart, key);
    if (there === undefined || normal(there.text) !== normal(text)) throw error;
    return { held: there.held, versions: there.versions, warnings: [] };
  }
}

/** `Type/id` of a new record that was not saved because one of that id is in the chart, or was. */
export function keyThere(error: unknown, text: string): string | undefined {
  if (failureOf(error).kind !== "conflict") return undefined;
  const resource = objectOf(readJson(text));
  return `${textOf(resource?.["resourceType"])}/${textOf(resource?.["id"])}`;
}

/** `undefined` where it was deleted. */
async function resourceAt(vault: Vault, chart: string, key: string) {
  try {
    return await vault.resource(chart, key);
  } catch (error) {
    if (failureOf(error).kind === "notFound") return undefined;
    throw error;
  }
}

/** However it was laid out. */
function normal(text: string): string {
  return writeJson(readJson(text));
}
