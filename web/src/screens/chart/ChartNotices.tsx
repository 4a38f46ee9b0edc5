import { Link } from "wouter";
import { useTexts } from "../../texts";
import { Notice } from "../../ui";
import type { ChartPage } from "../../vault";

/** What to know before reading on: what waits for a decision, and what is not shown. */
export function ChartNotices({ page }: { page: ChartPage }) {
  const { chart: texts } = useTexts();
  return (
    <>
      {page.conflicts > 0 && (
        <Notice tone="warn" actions={<Link href="/tasks" className="button button-secondary">{texts.decide}</Link>}>
          {texts.conflicts(page.conflicts)}
        </Notice>
      )}
      {page.waiting > 0 && (
        <Notice tone="warn" actions={<Link href="/tasks" className="button button-secondary">{texts.admit}</Link>}>
          {texts.waiting(page.waiting)}
        </Notice>
      )}
      {page.damaged > 0 && <Notice tone="warn">{texts.damaged(page.damaged)}</Notice>}
      {!page.canWrite && <Notice tone="neutral">{texts.readOnly}</Notice>}
    </>
  );
}
