import { TextField } from "../../ui";

/** The least and the most. */
export type Range = readonly [low: number, high: number];

export interface NumberFieldProps {
  label: string;
  explain(low: number, high: number): string;
  /** What to do where something else is typed. */
  wrong(low: number, high: number): string;
  suffix: string;
  range: Range;
  typed: string;
  onChange(typed: string): void;
}

/** For a whole number in a range. */
export function NumberField({ label, explain, wrong, suffix, range, typed, onChange }: NumberFieldProps) {
  return (
    <TextField
      label={label}
      description={explain(...range)}
      error={wholeNumber(typed, range) === undefined ? wrong(...range) : undefined}
      value={typed}
      onChange={onChange}
      suffix={suffix}
      chars={12}
      inputMode="numeric"
    />
  );
}

/** A whole number in a range as a person types it; `undefined` for anything else. */
export function wholeNumber(text: string, [low, high]: Range): number | undefined {
  const typed = text.trim();
  if (!/^\d{1,6}$/.test(typed)) return undefined;
  const value = Number(typed);
  return value >= low && value <= high ? value : undefined;
}
