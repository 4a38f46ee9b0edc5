import { useFormat, useTexts } from "../../../texts";
import { dateIn } from "../../../texts/dates";
import { Button, TextField } from "../../../ui";
import { isLocalTime, localTime } from "./times";

export interface FieldProps {
  label: string;
  value: string;
  error: string | undefined;
  onChange(value: string): void;
}

/** Day and time. A record that has less than that keeps it: it is edited as a day, month or year. */
export function TimeField({ label, value, error, onChange, description }: FieldProps & { description?: string }) {
  const texts = useTexts().write;
  if (value !== "" && !isLocalTime(value)) return <DateField label={label} value={value} error={error} onChange={onChange} />;
  return (
    <div className="write-time">
      <TextField
        type="datetime-local"
        label={label}
        value={value}
        error={error}
        onChange={onChange}
        {...(description === undefined ? {} : { description })}
      />
      <Button variant="quiet" icon="clock" onPress={() => onChange(localTime(new Date()))}>{texts.now}</Button>
    </div>
  );
}

/** A day, month or year, and with `words` anything else too. It says how it read what is typed. */
export function DateField({ label, value, error, onChange, words = false }: FieldProps & { words?: boolean }) {
  const texts = useTexts().write;
  const format = useFormat();
  const date = dateIn(value);
  const explain = words ? texts.whenOrWords : texts.whenWords;
  return (
    <TextField
      label={label}
      value={value}
      error={error}
      onChange={onChange}
      description={date === undefined ? explain : texts.whenRead(format.date(date))}
    />
  );
}
