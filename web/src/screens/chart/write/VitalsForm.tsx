import { type Texts, useFormat, useTexts } from "../../../texts";
import { Icon, TextField } from "../../../ui";
import type { FormViewProps, RecordForm } from "./form";
import { digitsIn, isPlausible, MEASURE_NAMES, measureOf, PRESSURE_NAMES, type ValueName } from "./measures";
import { TimeField } from "./TimeField";
import { emptyVitals, readVitals, type VitalsField, vitalsFaults, writeVitals } from "./vitals";

export const vitalsForm: RecordForm<VitalsField> = {
  empty: emptyVitals,
  read: readVitals,
  faults: vitalsFaults,
  write: writeVitals,
  View: VitalsFields,
  wide: true,
};

type View = FormViewProps<VitalsField>;

function VitalsFields({ fields, faults, shows, editing, onChange }: View) {
  const { write: texts } = useTexts();
  const measures = MEASURE_NAMES.filter(shows);
  return (
    <div className="stack">
      {shows("when") && (
        <TimeField label={texts.when} value={fields.when} error={faults.when} onChange={(when) => onChange({ when })} />
      )}
      {!editing && <p className="quiet">{texts.vitalsExplain}</p>}
      {PRESSURE_NAMES.every(shows) && (
        <fieldset className="write-pressure">
          <legend className="label">{texts.vitals.bloodPressure}</legend>
          {PRESSURE_NAMES.map((name) => (
            <MeasureField key={name} name={name} fields={fields} faults={faults} onChange={onChange} />
          ))}
          <Order fields={fields} />
        </fieldset>
      )}
      {measures.length > 0 && (
        <div className="write-measures">
          {measures.map((name) => (
            <MeasureField key={name} name={name} fields={fields} faults={faults} onChange={onChange} />
          ))}
        </div>
      )}
    </div>
  );
}

function MeasureField({ name, fields, faults, onChange }: Pick<View, "fields" | "faults" | "onChange"> & { name: ValueName }) {
  const { write: texts } = useTexts();
  const { unit } = measureOf(name);
  const warning = useWarning(name, fields[name], texts);
  return (
    <div className="stack-small">
      <TextField
        label={texts.vitals[name]}
        value={fields[name]}
        error={faults[name]}
        onChange={(value) => onChange({ [name]: value })}
        inputMode="decimal"
        chars={8}
        {...(unit === "" ? {} : { suffix: unit })}
      />
      <Warning words={warning} />
    </div>
  );
}

function useWarning(name: ValueName, typed: string, texts: Texts["write"]): string | undefined {
  const format = useFormat();
  const digits = digitsIn(typed);
  if (digits === undefined || isPlausible(name, digits)) return undefined;
  const { low, high, unit } = measureOf(name);
  const said = (limit: string) => format.number(Number(limit));
  return texts.implausible(texts.plausibleRange(said(low), said(high), unit));
}

function Order({ fields }: Pick<View, "fields">) {
  const { write: texts } = useTexts();
  const [upper, lower] = [digitsIn(fields.systolic), digitsIn(fields.diastolic)];
  const unusual = upper !== undefined && lower !== undefined && Number(lower) >= Number(upper);
  return <Warning words={unusual ? texts.vitalsOrder : undefined} />;
}

/** The place is there before the words are, so that screen readers say them when they come. */
function Warning({ words }: { words: string | undefined }) {
  return (
    <p className="write-warning" role="status">
      {words !== undefined && <Icon name="alert" />}
      {words}
    </p>
  );
}
