import { useFormat, useTexts } from "../../texts";
import { Badge, Icon, type IconName } from "../../ui";
import type { Delivery, Held } from "../../vault";

const ICONS: Record<Delivery, IconName> = { refused: "alert", here: "device", sent: "cloud", seen: "eye" };

/** How far a record has come, who wrote it and when, and whether somebody else changed it too. */
export function HeldMark({ held }: { held: Held }) {
  const { chart: texts, common } = useTexts();
  const format = useFormat();
  const when = held.writtenMs > 0 ? format.recent(held.writtenMs) : "";
  return (
    <span className="held small">
      <DeliveryMark delivery={held.delivery} />
      <span className="quiet">{held.author === "" ? when : common.by(held.author, when)}</span>
      {held.conflicts > 0 && <Badge tone="warn" icon="conflict">{texts.also(held.author)}</Badge>}
    </span>
  );
}

/** What has not reached the server stands out; what has is said quietly. */
export function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const words = useTexts().common.delivery[delivery];
  if (delivery === "refused") return <Badge tone="bad" icon={ICONS.refused}>{words}</Badge>;
  if (delivery === "here") return <Badge tone="info" icon={ICONS.here}>{words}</Badge>;
  return (
    <span className="held-state quiet">
      <Icon name={ICONS[delivery]} />
      {words}
    </span>
  );
}
