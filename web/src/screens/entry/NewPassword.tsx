import { useTexts } from "../../texts";
import { TextField } from "../../ui";

/** What is checked while typing; the vault checks the rest, and knows the policy of the organisation. */
export const PASSWORD_CHARS_MIN = 15;

export interface Typed {
  password: string;
  again: string;
}

export const NOTHING_TYPED: Typed = { password: "", again: "" };

export interface NewPasswordProps {
  typed: Typed;
  onChange(typed: Typed): void;
  least?: number;
}

export function isGood({ password, again }: Typed, least = PASSWORD_CHARS_MIN): boolean {
  return [...password].length >= least && password === again;
}

/** A new password, twice. Length counts and nothing else, and it can be pasted (SP 800-63B-4). */
export function NewPassword({ typed, onChange, least = PASSWORD_CHARS_MIN }: NewPasswordProps) {
  const texts = useTexts().enrol.password;
  const missing = least - [...typed.password].length;
  const differ = typed.again !== "" && typed.again !== typed.password;
  return (
    <>
      <TextField
        label={texts.label}
        description={texts.explain(least)}
        type="password"
        autoComplete="off"
        value={typed.password}
        onChange={(password) => onChange({ ...typed, password })}
        isRequired
      />
      <p className="quiet small" aria-live="polite">
        {typed.password === "" ? texts.lost : missing > 0 ? texts.meter.short(missing) : texts.meter.enough}
      </p>
      <TextField
        label={texts.again}
        type="password"
        autoComplete="off"
        value={typed.again}
        onChange={(again) => onChange({ ...typed, again })}
        error={differ ? texts.differ : undefined}
        isRequired
      />
    </>
  );
}
