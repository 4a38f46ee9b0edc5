import { useFormat, useTexts } from "../../texts";
import { ageInWords, today } from "../../texts/age";
import { useChartTitles, useRecordNames } from "../../texts/records";
import type { Banner, PrintPage } from "../../vault";

/** Numbers in the head of each page, at most: it has to leave room for the page. All of them are on the first one. */
const IDENTIFIERS_MAX = 3;

/** Repeated on every page: who this is, as of when, and who printed it. */
export function HandoverHead({ page, printedMs }: { page: PrintPage; printedMs: number }) {
  const words = useTexts().print;
  const format = useFormat();
  const title = useChartTitles();
  const { banner, asOfMs, printedBy } = page;
  return (
    <header className="handover-head">
      <div className="handover-who">
        <strong className="handover-name">{title(banner.name)}</strong>
        <Person banner={banner} />
      </div>
      <div className="handover-when">
        <span className="figures">{asOfMs === undefined ? words.asOfDevice : words.asOf(format.dateTime(asOfMs))}</span>
        <span className="figures">{words.printedBy(printedBy, format.dateTime(printedMs))}</span>
        <span>{words.confidential}</span>
      </div>
    </header>
  );
}

function Person({ banner: { born, sex, died, identifiers } }: { banner: Banner }) {
  const { chart } = useTexts();
  const format = useFormat();
  const name = useRecordNames();
  // A date that is not known is a word of the records' reader, and comes through `date` as it is.
  const date = (text: string) => name(format.date(text));
  const age = ageInWords(chart.ages, born, died ?? today());
  return (
    <span className="handover-facts figures">
      <span>{chart.born}: {date(born)} {died === undefined && age !== undefined && chart.age(age)}</span>
      {died !== undefined && <span>{chart.died}: {date(died)} {age !== undefined && chart.ageAtDeath(age)}</span>}
      <span>{chart.sex}: {name(sex)}</span>
      {identifiers.slice(0, IDENTIFIERS_MAX).map(({ label, value, system }) => (
        <span key={`${system} ${value}`}>{label ?? chart.numbers}: {value}</span>
      ))}
    </span>
  );
}
