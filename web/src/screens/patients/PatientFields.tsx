import { useFormat, useTexts } from "../../texts";
import { ageInWords, today } from "../../texts/age";
import { Button, choices, Radios, Select, TextField } from "../../ui";
import { type NewPatient, NUMBER_KINDS, type PatientNumber, readBirthDate, SEXES } from "./newPatient";

export interface PatientFieldsProps {
  form: NewPatient;
  teams: readonly string[];
  /** Somebody has tried to go on: what is missing is marked from then on, not while they are still typing. */
  tried: boolean;
  onChange(form: NewPatient): void;
}

export function PatientFields({ form, teams, tried, onChange }: PatientFieldsProps) {
  const { patients: texts } = useTexts();
  const set = (part: Partial<NewPatient>) => onChange({ ...form, ...part });
  const nameless = tried && form.family.trim() === "" && form.given.trim() === "";
  return (
    <>
      <div className="columns">
        <TextField
          label={texts.family}
          value={form.family}
          onChange={(family) => set({ family })}
          error={nameless ? texts.nameMissing : undefined}
          autoFocus
        />
        <TextField label={texts.given} value={form.given} onChange={(given) => set({ given })} />
      </div>
      <div className="columns">
        <BirthDateField typed={form.birthDate} tried={tried} onChange={(birthDate) => set({ birthDate })} />
        <Radios
          label={texts.sex}
          options={choices(SEXES, texts.sexes)}
          value={form.sex}
          onChange={(sex) => set({ sex })}
          bar
        />
      </div>
      <Numbers numbers={form.numbers} onChange={(numbers) => set({ numbers })} />
      <TeamField teams={teams} team={form.team} tried={tried} onChange={(team) => set({ team })} />
    </>
  );
}

function BirthDateField({ typed, tried, onChange }: { typed: string; tried: boolean; onChange(typed: string): void }) {
  const { chart, patients: texts } = useTexts();
  const format = useFormat();
  const read = readBirthDate(typed);
  const wrong = { wrong: texts.birthDateWrong, ahead: texts.birthDateAhead, missing: undefined, date: undefined }[read.is];
  // How it was understood, so that a day taken for a month is seen.
  const understood = read.is === "date" ? texts.birthDateRead(format.date(read.date), ageInWords(chart.ages, read.date, today()) ?? "") : texts.birthDateExplain;
  return (
    <TextField
      label={texts.birthDate}
      description={understood}
      value={typed}
      onChange={onChange}
      error={tried || read.is === "ahead" ? wrong : undefined}
      chars={16}
    />
  );
}

function Numbers({ numbers, onChange }: { numbers: PatientNumber[]; onChange(numbers: PatientNumber[]): void }) {
  const { patients: texts } = useTexts();
  const kinds = choices(NUMBER_KINDS, texts.numberKinds);
  const set = (at: number, part: Partial<PatientNumber>) =>
    onChange(numbers.map((number, place) => (place === at ? { ...number, ...part } : number)));
  return (
    <div className="stack-small">
      {numbers.map((number, at) => (
        // Lines have no name of their own, and are only ever taken out or added at the end by hand.
        <div key={at} className="number-line">
          <Select label={texts.identifierLabel} options={kinds} value={number.kind} onChange={(kind) => set(at, { kind })} />
          <TextField
            label={texts.identifier}
            value={number.value}
            onChange={(value) => set(at, { value })}
          />
          <Button
            variant="quiet"
            icon="trash"
            iconOnly
            isDisabled={numbers.length === 1}
            onPress={() => onChange(numbers.filter((_, place) => place !== at))}
          >
            {texts.removeNumber(at + 1)}
          </Button>
        </div>
      ))}
      <div className="row">
        <Button variant="quiet" icon="add" onPress={() => onChange([...numbers, { kind: "other", value: "" }])}>{texts.addNumber}</Button>
      </div>
    </div>
  );
}

/** Ids of options may not be empty, and a team may have any name. */
const JUST_ME = "just me";
const TEAM = "team ";

export interface TeamFieldProps {
  teams: readonly string[];
  team: string | null;
  tried: boolean;
  onChange(team: string): void;
}

/** Who gets the chart. Who is in one team only shares with it: the vault has no other way. */
export function TeamField({ teams, team, tried, onChange }: TeamFieldProps) {
  const { patients: texts } = useTexts();
  if (teams.length === 0) return <p className="quiet">{texts.shareNone}</p>;
  const options = teams.map((name) => ({ id: TEAM + name, label: name }));
  if (teams.length > 1) options.push({ id: JUST_ME, label: texts.justMe });
  return (
    <Select
      label={texts.team}
      description={texts.teamExplain}
      options={options}
      value={team === null ? null : team === "" ? JUST_ME : TEAM + team}
      onChange={(id) => onChange(id === JUST_ME ? "" : id.slice(TEAM.length))}
      error={tried && team === null ? texts.teamMissing : undefined}
    />
  );
}
