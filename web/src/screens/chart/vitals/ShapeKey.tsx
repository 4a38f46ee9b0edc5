import { useTexts } from "../../../texts";
import type { Flag } from "../../../vault";
import { FlagMark } from "./FlagMark";
import { MARK_SIZE, MARKS } from "./marks";

const FLAGS: readonly Flag[] = ["criticalHigh", "high", "abnormal", "low", "criticalLow"];

/** What the shapes and the band of a graph say. */
export function ShapeKey() {
  const { vitals: texts } = useTexts();
  return (
    <details>
      <summary>{texts.key}</summary>
      <ul className="shape-list small">
        {FLAGS.map((flag) => <li key={flag}><FlagMark flag={flag} /></li>)}
        <li>
          <span className="flag flag-normal">
            <svg viewBox={`0 0 ${MARK_SIZE} ${MARK_SIZE}`} aria-hidden="true" focusable="false">
              <path d={MARKS.normal} />
            </svg>
            {texts.normal}
          </span>
        </li>
        <li className="band-key">{texts.range}</li>
      </ul>
    </details>
  );
}
