import { useQuery } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Badge, Dialog, FailureNotice } from "../../ui";
import type { HistoryItem } from "../../vault";
import { DeliveryMark } from "./HeldMark";

export interface HistoryDialogProps {
  chart: string;
  resourceKey: string;
  what: string;
  onClose(): void;
}

/** Every version of one record: who, when, on which device, how far it has come, and what it says. */
export function HistoryDialog({ chart, resourceKey, what, onClose }: HistoryDialogProps) {
  const { chart: texts, common } = useTexts();
  const { data, failure } = useQuery("history", (vault) => vault.history(chart, resourceKey), [chart, resourceKey]);
  return (
    <Dialog title={texts.historyOf(what)} open onClose={onClose} wide>
      <FailureNotice failure={failure} />
      {data === undefined && failure === undefined && <p className="quiet">{common.loading}</p>}
      {data !== undefined && (
        <>
          <p className="quiet small">{texts.historyOrder}</p>
          <ol className="history">
            {data.toReversed().map((item) => <Version key={item.version} item={item} />)}
          </ol>
        </>
      )}
    </Dialog>
  );
}

function Version({ item }: { item: HistoryItem }) {
  const { chart: texts } = useTexts();
  const format = useFormat();
  return (
    <li className="history-item stack-small">
      <p className="record-what">
        <strong>{item.authorName}</strong>
        <span className="figures">{format.dateTime(item.timeMs)}</span>
        <span className="quiet">{item.device === undefined ? texts.historyNoDevice : texts.historyOn(item.device)}</span>
      </p>
      <p className="record-what">
        {item.current && <Badge tone="good" icon="check">{texts.historyCurrent}</Badge>}
        {item.deleted && <Badge tone="warn" icon="trash">{texts.historyDeleted}</Badge>}
        <DeliveryMark delivery={item.delivery} />
      </p>
      {item.changed.length > 0 && <p className="quiet small">{texts.historyChanged(item.changed.join(", "))}</p>}
      {item.text !== undefined && (
        <details>
          <summary>{texts.raw}</summary>
          <pre className="raw" tabIndex={0}>{item.text}</pre>
        </details>
      )}
    </li>
  );
}
