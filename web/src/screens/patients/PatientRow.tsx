import { memo } from "react";
import { Link } from "wouter";
import { useFormat, useTexts } from "../../texts";
import { ageInWords, today } from "../../texts/age";
import { useChartTitles } from "../../texts/records";
import { Badge } from "../../ui";
import type { PatientLine } from "../../vault";

/** Numbers in one line; the banner of the chart has them all. */
const NUMBERS_MAX = 2;

/** One line of the list, which opens the chart wherever it is tapped. */
export const PatientRow = memo(function PatientRow({ line }: { line: PatientLine }) {
  return (
    <li>
      <Link href={`/patients/${line.chart}`} className="patient-line">
        <WhoItIs line={line} />
        <PatientMarks line={line} />
      </Link>
    </li>
  );
});

/** Name, birth date, age, sex and numbers: enough to tell two people apart. */
export function WhoItIs({ line }: { line: PatientLine }) {
  const { common, patients: texts } = useTexts();
  const title = useChartTitles();
  if (line.role !== "patient") return <span className="patient-name patient-name-alone">{title(line.role)}</span>;
  return (
    <>
      <span className="patient-name">
        {title(line.name)}
        {line.otherNames.length > 0 && <span className="quiet small">{` (${line.otherNames.join(", ")})`}</span>}
      </span>
      <span className="figures"><Born line={line} /></span>
      <span>{sexOf(line.gender, texts.sexes)}</span>
      <span className="figures patient-numbers">
        {line.identifiers.slice(0, NUMBERS_MAX).map(({ label, value, system }) => (
          <span key={`${system} ${value}`}>
            {label !== undefined && <span className="quiet small">{`${label} `}</span>}
            {value}
          </span>
        ))}
        {line.identifiers.length === 0 && <span className="quiet small">{`${texts.identifier}: ${common.notKnown}`}</span>}
      </span>
    </>
  );
}

function Born({ line }: { line: PatientLine }) {
  const { chart, common, patients: texts } = useTexts();
  const format = useFormat();
  if (line.birthDate === undefined) return <span className="quiet">{texts.born(common.notKnown)}</span>;
  // The list does not say when somebody died, and an age of today would be wrong.
  const age = line.deceased ? undefined : ageInWords(chart.ages, line.birthDate, today());
  return (
    <>
      <span className="visually-hidden">{`${chart.born} `}</span>
      {format.date(line.birthDate)}
      {age !== undefined && ` ${chart.age(age)}`}
    </>
  );
}

function PatientMarks({ line }: { line: PatientLine }) {
  const { patients: texts } = useTexts();
  return (
    <span className="patient-marks">
      {line.deceased && <Badge tone="neutral">{texts.deceased}</Badge>}
      {line.conflicts > 0 && <Badge tone="warn" icon="conflict">{texts.conflicts(line.conflicts)}</Badge>}
      {line.access === "read" && <Badge icon="eye">{texts.readOnly}</Badge>}
    </span>
  );
}

function sexOf(gender: string | undefined, words: Record<"male" | "female" | "other" | "unknown", string>): string {
  return gender === "male" || gender === "female" || gender === "other" ? words[gender] : words.unknown;
}
