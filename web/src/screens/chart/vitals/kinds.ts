import type { Series } from "../../../vault";

/** How measurements are sorted for reading: by the FHIR category that their record names. */
export const KINDS = ["vitalSigns", "laboratory", "other"] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(series: Series): Kind {
  if (series.categories.includes("vital-signs")) return "vitalSigns";
  return series.categories.includes("laboratory") ? "laboratory" : "other";
}
