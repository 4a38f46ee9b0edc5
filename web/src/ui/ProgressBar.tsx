import { Label, ProgressBar as AriaProgressBar } from "react-aria-components";

export interface ProgressBarProps {
  label: string;
  /** Absent: it is not known how much there is. */
  value?: number | undefined;
  max?: number;
  /** What stands beside the label: "12 of 40". */
  words?: string | undefined;
}

export function ProgressBar({ label, value, max = 100, words }: ProgressBarProps) {
  const known = value !== undefined && max > 0;
  const part = known ? Math.min(1, value / max) : 0;
  return (
    <AriaProgressBar
      className="progress"
      isIndeterminate={!known}
      value={part * 100}
      {...(words === undefined ? {} : { valueLabel: words })}
    >
      <div className="row row-apart">
        <Label>{label}</Label>
        {words !== undefined && <span className="quiet figures">{words}</span>}
      </div>
      <div className="progress-track">
        <div className="progress-fill" style={known ? { inlineSize: `${part * 100}%` } : undefined} />
      </div>
    </AriaProgressBar>
  );
}
