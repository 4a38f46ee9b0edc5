import { useFormat, useTexts } from "../../../texts";
import { ageInWords, today } from "../../../texts/age";
import { hasTimeOfDay, momentOf } from "./times";

/** From this age on, days, months and years say more than hours. */
const HOURS_MS_MAX = 2 * 24 * 60 * 60_000;

/** When a value was measured and how long ago that is. */
export function ValueAge({ when }: { when: string | undefined }) {
  const { vitals: texts } = useTexts();
  const format = useFormat();
  const ago = useAgo(when);
  if (when === undefined) return <span className="value-age small">{texts.noTime}</span>;
  return (
    <span className="value-age quiet small figures">
      <span>{texts.measured(format.recent(when))}</span>
      {ago !== undefined && <strong>{ago}</strong>}
    </span>
  );
}

function useAgo(when: string | undefined): string | undefined {
  const { chart, vitals: texts } = useTexts();
  const format = useFormat();
  const moment = when === undefined ? undefined : momentOf(when);
  if (when === undefined || moment === undefined) return undefined;
  // Of a day alone it is not known how many hours ago it was.
  if (Math.abs(Date.now() - moment) < HOURS_MS_MAX) return hasTimeOfDay(when) ? format.ago(when) : undefined;
  const age = ageInWords(chart.ages, when, today());
  return age === undefined ? undefined : texts.old(age);
}
