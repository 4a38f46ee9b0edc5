// The vital signs that are recorded: LOINC codes and UCUM units of the FHIR R4 vital signs profile, and pain by its usual code.

import { coded, LOINC, UCUM } from "./fhir";
import { type Json, type JsonObject, Digits, itemsOf, objectOf, textOf } from "./json";

export interface Measure {
  code: string;
  /** As the code system says it; part of the record, so not in the reader's language. */
  display: string;
  /** As clinicians write it. */
  unit: string;
  ucum: string;
  /** What a living person may have at the utmost: outside of it somebody has mistyped, most likely. */
  low: string;
  high: string;
}

export const MEASURES = {
  heartRate: { code: "8867-4", display: "Heart rate", unit: "/min", ucum: "/min", low: "20", high: "250" },
  respiratoryRate: { code: "9279-1", display: "Respiratory rate", unit: "/min", ucum: "/min", low: "4", high: "70" },
  temperature: { code: "8310-5", display: "Body temperature", unit: "°C", ucum: "Cel", low: "30", high: "43" },
  oxygen: { code: "2708-6", display: "Oxygen saturation", unit: "%", ucum: "%", low: "50", high: "100" },
  weight: { code: "29463-7", display: "Body weight", unit: "kg", ucum: "kg", low: "0.3", high: "350" },
  height: { code: "8302-2", display: "Body height", unit: "cm", ucum: "cm", low: "20", high: "230" },
  pain: { code: "72514-3", display: "Pain severity - 0-10 verbal numeric rating", unit: "", ucum: "{score}", low: "0", high: "10" },
} as const satisfies Record<string, Measure>;

export const PRESSURES = {
  systolic: { code: "8480-6", display: "Systolic blood pressure", unit: "mmHg", ucum: "mm[Hg]", low: "50", high: "260" },
  diastolic: { code: "8462-4", display: "Diastolic blood pressure", unit: "mmHg", ucum: "mm[Hg]", low: "20", high: "160" },
} as const satisfies Record<string, Measure>;

export const BLOOD_PRESSURE = { code: "85354-9", display: "Blood pressure" };

export type MeasureName = keyof typeof MEASURES;
export type PressureName = keyof typeof PRESSURES;
export type ValueName = MeasureName | PressureName;

export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];
export const PRESSURE_NAMES = Object.keys(PRESSURES) as PressureName[];

export function measureOf(name: ValueName): Measure {
  return { ...MEASURES, ...PRESSURES }[name];
}

/** A JSON number with the digits that were typed, where it is one; a comma is read as the point. */
export function digitsIn(typed: string): string | undefined {
  const digits = typed.trim().replace(",", ".");
  return /^(?:0|[1-9]\d{0,4})(?:\.\d{1,6})?$/.test(digits) ? digits : undefined;
}

export function isPlausible(name: ValueName, digits: string): boolean {
  const { low, high } = measureOf(name);
  return Number(digits) >= Number(low) && Number(digits) <= Number(high);
}

export function measureCode({ code, display }: Pick<Measure, "code" | "display">): JsonObject {
  return { ...coded(LOINC, code, display), text: display };
}

/** The Quantity of a measure; whatever else was said about it stays. */
export function quantity({ unit, ucum }: Measure, digits: string, before?: Json): JsonObject {
  return { ...objectOf(before), value: new Digits(digits), unit: unit || ucum, system: UCUM, code: ucum };
}

/** The digits of a Quantity, if it is in the unit of the measure and says no less than a number. */
export function digitsOf({ unit, ucum }: Measure, value: Json | undefined): string | undefined {
  const found = objectOf(value);
  const number = found?.["value"];
  if (found === undefined || !(number instanceof Digits) || found["comparator"] !== undefined) return undefined;
  const code = textOf(found["code"]);
  const same = code === "" ? textOf(found["unit"]) === unit : code === ucum;
  return same ? number.digits : undefined;
}

/** The first of a list of components that has this code. */
export function componentAt(components: Json | undefined, { code }: Measure): number {
  return itemsOf(components).findIndex((component) => hasCode(objectOf(component)?.["code"], code));
}

export function hasCode(concept: Json | undefined, code: string): boolean {
  return itemsOf(objectOf(concept)?.["coding"]).some((coding) => textOf(objectOf(coding)?.["code"]) === code);
}
