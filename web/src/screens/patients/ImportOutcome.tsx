import { useTexts } from "../../texts";
import { Notice } from "../../ui";
import type { ImportLine, ImportReport } from "../../vault";

/** Lines of one list. The vault tells up to a thousand; the first show what is wrong with a file. */
const LINES_MAX = 100;

/** What an import did, with everything that was not taken and why. */
export function ImportOutcome({ report }: { report: ImportReport }) {
  const { patients: texts } = useTexts();
  return (
    <>
      <Notice tone={report.refused === 0 ? "good" : "warn"} announce title={texts.importDone(report.new, report.changed, report.unchanged)}>
        {texts.importCharts(report.newCharts)}
      </Notice>
      <Lines title={texts.importRefused(report.refused)} lines={report.refusals} count={report.refused} />
      <Lines title={texts.importWarnings} lines={report.warnings} count={report.warnings.length} />
    </>
  );
}

function Lines({ title, lines, count }: { title: string; lines: readonly ImportLine[]; count: number }) {
  const { patients: texts } = useTexts();
  if (count === 0) return null;
  const shown = lines.slice(0, LINES_MAX);
  return (
    <section className="stack-small">
      <h3>{title}</h3>
      <ul className="import-lines">
        {shown.map(({ file, entry, resource, reason }, at) => (
          // A file may be refused twice for one reason: only the place in the list tells lines apart.
          <li key={at}>
            <span className="quiet small fixed">{[texts.importLine(file, entry), resource].filter(Boolean).join(", ")}</span>
            <span>{reason}</span>
          </li>
        ))}
      </ul>
      {count > shown.length && <p className="quiet">{texts.importLinesMore(count - shown.length)}</p>}
    </section>
  );
}
