import { useTexts } from "../../../texts";
import { classes } from "../../../ui";
import type { Flag } from "../../../vault";
import { isCritical, MARK_SIZE, MARKS } from "./marks";

/** That a value stands out: by shape, by colour and in words. */
export function FlagMark({ flag }: { flag: Flag }) {
  const { flags } = useTexts().vitals;
  return (
    <span className={classes("flag", isCritical(flag) ? "tone-bad" : "tone-warn")}>
      <svg viewBox={`0 0 ${MARK_SIZE} ${MARK_SIZE}`} aria-hidden="true" focusable="false">
        <path d={MARKS[flag]} />
      </svg>
      {flags[flag]}
    </span>
  );
}
