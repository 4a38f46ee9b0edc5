// Vital signs as Observations: one for each measure, the two values of a blood pressure as components of one.

import type { Texts } from "../../../texts";
import { fieldTime, localTime, timeIn } from "./times";
import { coded, OBSERVATION_CATEGORY } from "./fhir";
import { changedFrom, type Draft, type Existing, type Faults, type Fields, type Opened, resourceIn, type Start } from "./form";
import { type Json, type JsonObject, itemsOf, objectOf, textOf, writeJson } from "./json";
import {
  BLOOD_PRESSURE, componentAt, digitsIn, digitsOf, hasCode, MEASURE_NAMES, measureCode, type MeasureName, measureOf, MEASURES,
  PRESSURE_NAMES, PRESSURES, quantity, type ValueName,
} from "./measures";

export type VitalsField = ValueName | "when";

const VALUE_NAMES: readonly ValueName[] = [...PRESSURE_NAMES, ...MEASURE_NAMES];

export function emptyVitals(): Fields<VitalsField> {
  const none = Object.fromEntries(VALUE_NAMES.map((name) => [name, ""])) as Record<ValueName, string>;
  return { ...none, when: localTime(new Date()) };
}

/** An Observation that is one of the measures above, with a number in its unit. */
export function readVitals(text: string): Opened<VitalsField> | undefined {
  const resource = resourceIn(text, "Observation");
  if (resource === undefined) return undefined;
  const values = hasCode(resource["code"], BLOOD_PRESSURE.code) ? pressuresOf(resource) : measureIn(resource);
  if (values === undefined) return undefined;
  const when = textOf(resource["effectiveDateTime"]);
  const hidden: VitalsField[] = VALUE_NAMES.filter((name) => values[name] === undefined);
  if (when === "") hidden.push("when");
  return { fields: { ...emptyVitals(), ...values, when: fieldTime(when) }, hidden };
}

function pressuresOf(resource: JsonObject): Partial<Record<ValueName, string>> | undefined {
  const found = PRESSURE_NAMES.map((name) => {
    const component = itemsOf(resource["component"])[componentAt(resource["component"], PRESSURES[name])];
    return [name, digitsOf(PRESSURES[name], objectOf(component)?.["valueQuantity"])] as const;
  });
  return found.some(([, digits]) => digits === undefined) ? undefined : (Object.fromEntries(found) as Record<ValueName, string>);
}

function measureIn(resource: JsonObject): Partial<Record<ValueName, string>> | undefined {
  const name = MEASURE_NAMES.find((one) => hasCode(resource["code"], MEASURES[one].code));
  const digits = name === undefined ? undefined : digitsOf(MEASURES[name], resource["valueQuantity"]);
  return name === undefined || digits === undefined ? undefined : { [name]: digits };
}

export function vitalsFaults(fields: Fields<VitalsField>, { write: texts }: Texts, existing?: Existing<VitalsField>): Faults<VitalsField> {
  const faults: Faults<VitalsField> = {};
  const isOpen = changedFrom(existing, fields);
  for (const name of VALUE_NAMES) {
    if (fields[name].trim() !== "" && digitsIn(fields[name]) === undefined) faults[name] = texts.vitalsNotNumber;
  }
  const one = PRESSURE_NAMES.filter((name) => fields[name].trim() === "");
  if (one.length === 1) for (const name of one) faults[name] = texts.vitalsBoth;
  if (VALUE_NAMES.every((name) => fields[name].trim() === "")) {
    // Of a record that is edited only its own field is in sight.
    const shown = VALUE_NAMES.find((name) => existing !== undefined && existing.fields[name] !== "") ?? "systolic";
    faults[shown] = texts.vitalsNone;
  }
  if (isOpen("when") && timeIn(fields.when) === undefined) faults.when = texts.timeWrong;
  return faults;
}

export function writeVitals(fields: Fields<VitalsField>, start: Start, existing?: Existing<VitalsField>): Draft<VitalsField>[] {
  if (existing !== undefined) return [{ text: writeJson(edited(fields, existing)), from: [] }];
  const { systolic, diastolic } = PRESSURES;
  const [upper, lower] = [digitsIn(fields.systolic), digitsIn(fields.diastolic)];
  const drafts: Draft<VitalsField>[] = [];
  if (upper !== undefined && lower !== undefined) {
    const component = [
      { code: measureCode(systolic), valueQuantity: quantity(systolic, upper) },
      { code: measureCode(diastolic), valueQuantity: quantity(diastolic, lower) },
    ];
    const resource = { ...observation(fields, start, "bp", measureCode(BLOOD_PRESSURE)), component };
    drafts.push({ text: writeJson(resource), from: PRESSURE_NAMES });
  }
  for (const name of MEASURE_NAMES) {
    const digits = digitsIn(fields[name]);
    if (digits === undefined) continue;
    const { code } = MEASURES[name];
    const resource = { ...observation(fields, start, code, measureCode(MEASURES[name])), valueQuantity: quantity(MEASURES[name], digits) };
    drafts.push({ text: writeJson(resource), from: [name] });
  }
  return drafts;
}

/** What all measures have in common. `part` tells their ids apart, so that saving again after a failure makes none twice. */
function observation(fields: Fields<VitalsField>, { id, patient, author }: Start, part: string, code: JsonObject): JsonObject {
  return {
    resourceType: "Observation",
    id: `${id}-${part}`,
    status: "final",
    category: [coded(OBSERVATION_CATEGORY, "vital-signs", "Vital Signs")],
    code,
    subject: patient === undefined ? undefined : { reference: patient },
    effectiveDateTime: timeIn(fields.when),
    performer: [{ display: author }],
  };
}

function edited(fields: Fields<VitalsField>, existing: Existing<VitalsField>): JsonObject {
  const before: JsonObject = resourceIn(existing.text, "Observation") ?? {};
  const changed = changedFrom(existing, fields);
  const values = VALUE_NAMES.filter((name) => changed(name));
  const time = changed("when") ? { effectiveDateTime: timeIn(fields.when) } : {};
  if (values.length === 0) return { ...before, ...time };
  // A mark such as "low" was about the value that is replaced; the chart then tells by the reference range.
  const rest = { ...before, ...time, interpretation: undefined, status: textOf(before["status"]) === "final" ? "corrected" : before["status"] };
  const measure = values.find((name): name is MeasureName => name in MEASURES);
  if (measure !== undefined) {
    return { ...rest, valueQuantity: quantity(measureOf(measure), digitsIn(fields[measure]) ?? "", before["valueQuantity"]) };
  }
  return { ...rest, component: itemsOf(before["component"]).map((component) => pressureEdited(component, fields)) };
}

function pressureEdited(component: Json, fields: Fields<VitalsField>): Json {
  const held = objectOf(component);
  const name = PRESSURE_NAMES.find((one) => hasCode(held?.["code"], PRESSURES[one].code));
  const digits = name === undefined ? undefined : digitsIn(fields[name]);
  if (held === undefined || name === undefined || digits === undefined) return component;
  return { ...held, valueQuantity: quantity(PRESSURES[name], digits, held["valueQuantity"]), interpretation: undefined };
}
