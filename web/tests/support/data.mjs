// Records to test with: the project's samples, the larger sets where they are on this machine, and some of the tests' own.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../../", import.meta.url));

export const SAMPLES = join(main, "samples");
/** Of the samples, whom most tests are about. */
export const JOAO = "João Ferreira";

const DATA = resolve(process.env.WARDBOOK_DATA ?? join(main, "../shared/data"));

/** A folder of the larger sets; `undefined`, said aloud, where it is not on this machine. */
export function shared(folder) {
  const path = join(DATA, folder);
  if (existsSync(path)) return path;
  console.error(`skipped: ${folder} is not on this machine; WARDBOOK_DATA names the folder that has it`);
  return undefined;
}

/** Paths of the files of a folder that end so, in one order. */
export async function filesIn(folder, ending) {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(ending)).sort().map((name) => join(folder, name));
}

/** One pixel: the smallest PNG there is. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** A page with one line of text. */
export function pdf(line) {
  const stream = `BT /F1 24 Tf 40 100 Td (${line}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  return Buffer.from(`${text}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.indexOf("xref\n")}\n%%EOF\n`, "latin1");
}

/** So many patients as NDJSON, each with a name of their own. */
export function patients(count) {
  return Array.from({ length: count }, (_, at) => JSON.stringify(patient(at))).join("\n");
}

const FAMILIES = ["Abara", "Bergqvist", "Castellanos", "Dimitrov", "Eriksen", "Farouk", "Giannopoulos", "Haddad", "Ivanova", "Jablonski"];
const GIVEN = ["Amina", "Bruno", "Clara", "Dario", "Elif", "Farah", "Goran", "Hana", "Igor", "Jelena", "Karim"];

function patient(at) {
  const number = String(at).padStart(5, "0");
  return {
    resourceType: "Patient",
    id: `generated-${number}`,
    identifier: [{ type: { text: "MRN" }, system: "https://samples.example/mrn", value: `GN-${number}` }],
    name: [{ use: "official", family: `${FAMILIES[at % FAMILIES.length]}-${number}`, given: [GIVEN[at % GIVEN.length]] }],
    gender: at % 2 === 0 ? "female" : "male",
    birthDate: `${1930 + (at % 80)}-${String(1 + (at % 12)).padStart(2, "0")}-${String(1 + (at % 28)).padStart(2, "0")}`,
  };
}

/** A pulse a day for one patient, as NDJSON. */
export function pulses(patientId, count) {
  return Array.from({ length: count }, (_, at) => JSON.stringify(pulse(patientId, at))).join("\n");
}

function pulse(patientId, at) {
  const when = new Date(Date.UTC(2024, 0, 1, 8, 0) + at * 24 * 3600_000).toISOString().replace(".000Z", "+00:00");
  return {
    resourceType: "Observation",
    id: `${patientId}-pulse-${at}`,
    status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "8867-4", display: "Heart rate" }], text: "Heart rate" },
    subject: { reference: `Patient/${patientId}` },
    effectiveDateTime: when,
    valueQuantity: { value: 60 + (at % 40), unit: "/min", system: "http://unitsofmeasure.org", code: "/min" },
  };
}
