import { useFormat, useTexts } from "../../texts";
import { Notice } from "../../ui";
import type { LeaseLine } from "../../vault";

/** From here on a person is told that the device should see its server. */
const SOON_MS = 12 * 3600_000;

/** How long this device may go on without its server: nothing while that is long, and plain words when it is not. */
export function LeaseNotice({ lease }: { lease: LeaseLine | undefined }) {
  const texts = useTexts().unlock.lease;
  const format = useFormat();
  if (lease === undefined) return null;
  if (lease.standing === "ended") return <Notice tone="warn">{texts.ended}</Notice>;
  if (lease.standing === "clockBack") return <Notice tone="warn">{texts.clockBack(lease.behindMinutes ?? 0)}</Notice>;
  const until = format.dateTime(lease.untilMs);
  if (lease.untilMs - Date.now() < SOON_MS) return <Notice tone="warn">{texts.soon(until)}</Notice>;
  return <p className="quiet small">{texts.holds(until)}</p>;
}
