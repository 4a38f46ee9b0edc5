import { useFormat, useTexts } from "../../../texts";
import type { ConflictVersion } from "../../../vault";

/** Who wrote a version, when by the clock of their device, and on which one. */
export function VersionLine({ version: { authorName, timeMs, device } }: { version: ConflictVersion }) {
  const { conflicts: texts, tasks } = useTexts();
  const format = useFormat();
  return (
    <span className="decide-author">
      <span className="figures">{texts.version(authorName, format.recent(timeMs))}</span>
      <span className="quiet small">{device === undefined ? tasks.deviceNotKnown : texts.on(device)}</span>
    </span>
  );
}
