// Sections in the order of the International Patient Summary (HL7 FHIR IPS 2.0): medication, allergies and problems stand
// there in any case; others where the chart has something for them. What IPS has no section for comes last.

import { useFormat, useTexts } from "../../texts";
import type { PrintPage, Series, Timeline } from "../../vault";
import { AllergySection, MedicationSection, ProblemSection } from "./clinical";
import { CourseSections } from "./CourseSections";
import { LineSection } from "./LineSection";
import { ObservationSection } from "./ObservationSection";
import { Section } from "./Section";

export interface HandoverBodyProps {
  page: PrintPage;
  others: Timeline;
  /** Encounters and notes too, which IPS leaves out. */
  withCourse: boolean;
}

export function HandoverBody({ page, others, withCourse }: HandoverBodyProps) {
  const texts = useTexts();
  const words = texts.print;
  const { chart } = texts;
  const format = useFormat();
  const { vitalSigns, socialHistory, results } = byCategory(page.observations);
  const ofKinds = (...kinds: string[]) => others.items.filter(({ line, enteredInError }) => kinds.includes(line.kind) && !enteredInError);
  const numbers = page.banner.identifiers.map(({ label, value }) => (label === undefined ? value : `${label}: ${value}`));
  return (
    <div className="handover-body">
      {page.conflicts > 0 && <p className="handover-warning">{words.conflicts(page.conflicts)}</p>}
      {page.banner.otherNames.length > 0 && <p>{chart.otherNames}: {format.list(page.banner.otherNames)}</p>}
      {numbers.length > 0 && <p className="figures">{chart.numbers}: {numbers.join(", ")}</p>}
      <MedicationSection medications={page.medications} />
      <AllergySection allergies={page.allergies} />
      <ProblemSection problems={page.problems} />
      <LineSection title={words.immunisations} items={ofKinds("Immunization")} />
      <LineSection title={words.procedures} items={ofKinds("Procedure")} />
      <LineSection title={words.devices} items={ofKinds("Device", "DeviceUseStatement")} />
      <ObservationSection title={words.results} series={results} />
      <ObservationSection title={words.vitalSigns} series={vitalSigns} />
      <ObservationSection title={words.socialHistory} series={socialHistory} />
      <LineSection title={words.carePlan} items={ofKinds("CarePlan")} />
      {others.more > 0 && <p className="handover-warning">{words.othersLeftOut(others.more)}</p>}
      {withCourse && <CourseSections page={page} />}
      {page.counts.length > 0 && (
        <Section title={words.counts}>
          <p>{page.counts.map(({ kind, count }) => `${chart.kinds[kind] ?? kind}: ${format.number(count)}`).join(", ")}</p>
        </Section>
      )}
      <p className="handover-end">{words.end}</p>
    </div>
  );
}

/** Each once. What says nothing of its category is a result: nothing that was measured is left off the page. */
function byCategory(series: readonly Series[]) {
  const isOf = (category: string) => (one: Series) => one.categories.includes(category);
  const vitalSigns = series.filter(isOf("vital-signs"));
  const socialHistory = series.filter((one) => isOf("social-history")(one) && !vitalSigns.includes(one));
  const results = series.filter((one) => !vitalSigns.includes(one) && !socialHistory.includes(one));
  return { vitalSigns, socialHistory, results };
}
