import { useSync } from "../../../app/sync";
import { useFormat, useTexts } from "../../../texts";
import { Badge } from "../../../ui";
import type { ChartPage } from "../../../vault";

/** As of when this is, and what of it others cannot have seen yet. Being offline is said as a state, not as an error. */
export function ChartState({ page }: { page: ChartPage }) {
  const { chart: texts, sync: words } = useTexts();
  const format = useFormat();
  const sync = useSync();
  const alone = sync.status?.hasServer === false;
  return (
    <p className="banner-state small">
      <span className="figures">{page.asOfMs === undefined ? texts.asOfDevice : texts.asOf(format.recent(page.asOfMs))}</span>
      {alone && <Badge icon="device">{words.chip.none}</Badge>}
      {!alone && page.unsent > 0 && <Badge tone="info" icon="device">{texts.unsent(page.unsent)}</Badge>}
      {!alone && page.unsent === 0 && <span className="quiet">{texts.allSent}</span>}
      {sync.at === "offline" && <Badge icon="cloudOff">{words.chip.offline}</Badge>}
      {sync.at === "working" && <Badge icon="sync">{words.chip.working}</Badge>}
      {sync.at === "failed" && <Badge tone="warn" icon="alert">{words.chip.failed}</Badge>}
    </p>
  );
}
