import { useSync } from "../../../app/sync";
import { useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { useKindNames } from "../../../texts/records";
import { FailureNotice, Notice } from "../../../ui";
import type { Written } from "../../../vault";
import { DeliveryMark } from "../HeldMark";

/** A record that was saved, and the fields that it came from where others made records of their own. */
export interface Saved {
  written: Written;
  from: readonly string[];
}

interface SavedPaneProps {
  chart: string;
  saved: readonly Saved[];
}

/** What was saved, and how far it has come: it goes on while this is on the screen. */
export function SavedPane({ chart, saved }: SavedPaneProps) {
  const { write: texts } = useTexts();
  const kindName = useKindNames();
  const sync = useSync();
  const keys = saved.map(({ written }) => written.held.key);
  const now = useQuery("saved", (vault) => Promise.all(keys.map(async (key) => (await vault.resource(chart, key)).held)), [chart, ...keys]);
  const held = now.data ?? saved.map(({ written }) => written.held);
  const warnings = saved.flatMap(({ written }) => written.warnings);
  const measures: Record<string, string> = texts.vitals;
  const nameOf = (at: number, key: string) => {
    const [part, ...more] = saved[at]?.from ?? [];
    if (more.length > 0) return texts.vitals.bloodPressure;
    return measures[part ?? ""] ?? kindName(key.split("/")[0] ?? key);
  };
  return (
    <div className="stack" role="status">
      <ul className="write-saved">
        {held.map(({ key, delivery }, at) => (
          <li key={key} className="row row-apart">
            <span>{nameOf(at, key)}</span>
            <DeliveryMark delivery={delivery} />
          </li>
        ))}
      </ul>
      {sync.at === "offline" && <p className="quiet">{texts.savedOffline}</p>}
      {held.some(({ conflicts }) => conflicts > 0) && <Notice tone="warn">{texts.savedConflict}</Notice>}
      {warnings.length > 0 && (
        <Notice tone="warn" title={texts.savedWarnings}>
          <ul>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      )}
      <FailureNotice failure={now.failure} />
    </div>
  );
}
