import type { ChartPage } from "../../../vault";
import { AllergyCard } from "./AllergyCard";
import { LatestVitals } from "./LatestVitals";
import { MedicationCard } from "./MedicationCard";
import { ProblemCard } from "./ProblemCard";

/** A chart at a glance: what a person has, takes and must not get, and how they are. */
export function SummaryTab({ page, onVitals }: { page: ChartPage; onVitals(): void }) {
  return (
    <div className="columns chart-columns">
      <ProblemCard page={page} />
      <MedicationCard page={page} />
      <LatestVitals onMore={onVitals} />
      <AllergyCard page={page} />
    </div>
  );
}
