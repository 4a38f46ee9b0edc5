import { type FormEvent, useState } from "react";
import { useAct, useQuery } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, Facts, Notice, Radios, TextField, toast } from "../../ui";
import type { Policy, PolicyForm as Wanted } from "../../vault";
import { Answer } from "./Answer";
import { AdminsOnly, DirectoryFailure, useIsAdmin } from "./directory";
import { wholeNumber } from "./numbers";

/** NIST SP 800-63B-4, section 3.1.1.1, for passwords that nothing else stands beside. */
const PASSWORD_CHARS_ADVISED = 15;
const LEASE_HOURS_MIN = 1;
const LEASE_HOURS_LONG = 7 * 24;
const HOUR_MS = 3_600_000;

/** What holds for everybody: passwords, time without the server, algorithms. */
export function PolicyForm() {
  const { admin } = useTexts();
  const isAdmin = useIsAdmin();
  const query = useQuery("policy", (vault) => vault.policy());
  return (
    <Card title={admin.sections.policy}>
      <p className="quiet">{admin.policy.lead}</p>
      {!isAdmin && <AdminsOnly />}
      <Answer query={query}>{(policy) => (isAdmin ? <Change policy={policy} /> : <Shown policy={policy} />)}</Answer>
    </Card>
  );
}

function Shown({ policy }: { policy: Policy }) {
  const words = useTexts().admin.policy;
  const format = useFormat();
  return (
    <Facts
      items={[
        [words.passwordChars, `${format.number(policy.passwordCharsMin)} ${words.passwordCharsSuffix}`],
        [words.leaseHours, `${format.number(policy.leaseHours)} ${words.leaseHoursSuffix}`],
        [words.fips, policy.fipsOnly ? words.fipsOn : words.fipsOff],
      ]}
    />
  );
}

/** As typed; a setting that nobody has touched goes on following what holds. */
interface Typed {
  chars?: string;
  hours?: string;
  fips?: boolean;
}

function Change({ policy }: { policy: Policy }) {
  const words = useTexts().admin.policy;
  const format = useFormat();
  const [typed, setTyped] = useState<Typed>({});
  const act = useAct((vault, form: Wanted) => vault.setPolicy(form));
  const { passwordCharsFloor: charsLow, passwordCharsCeiling: charsHigh, leaseHoursMax: hoursHigh } = policy.limits;
  const charsText = typed.chars ?? String(policy.passwordCharsMin);
  const hoursText = typed.hours ?? String(policy.leaseHours);
  const chars = wholeNumber(charsText, charsLow, charsHigh);
  const hours = wholeNumber(hoursText, LEASE_HOURS_MIN, hoursHigh);
  const fips = typed.fips ?? policy.fipsOnly;
  const changes = chars !== policy.passwordCharsMin || hours !== policy.leaseHours || fips !== policy.fipsOnly;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (chars === undefined || hours === undefined) return;
    const done = await act.run({ passwordCharsMin: chars, leaseHours: hours, fipsOnly: fips });
    if (done === undefined) return;
    setTyped({});
    toast(words.saved);
  };
  return (
    <form className="stack-large" onSubmit={(event) => void submit(event)}>
      <div className="stack-small measure">
        <TextField
          label={words.passwordChars}
          description={`${words.passwordCharsExplain} ${words.limits(charsLow, charsHigh)}`}
          error={chars === undefined ? words.range(charsLow, charsHigh) : undefined}
          value={charsText}
          onChange={(text) => setTyped({ ...typed, chars: text })}
          suffix={words.passwordCharsSuffix}
          chars={12}
          inputMode="numeric"
        />
        {chars !== undefined && chars < PASSWORD_CHARS_ADVISED && <Notice tone="warn">{words.passwordCharsShort}</Notice>}
      </div>
      <div className="stack-small measure">
        <TextField
          label={words.leaseHours}
          description={`${words.leaseHoursExplain} ${words.limits(LEASE_HOURS_MIN, hoursHigh)}`}
          error={hours === undefined ? words.range(LEASE_HOURS_MIN, hoursHigh) : undefined}
          value={hoursText}
          onChange={(text) => setTyped({ ...typed, hours: text })}
          suffix={words.leaseHoursSuffix}
          chars={12}
          inputMode="numeric"
        />
        {hours !== undefined && <p className="quiet small">{words.leaseHoursIs(format.duration(hours * HOUR_MS))}</p>}
        {hours !== undefined && hours > LEASE_HOURS_LONG && <Notice tone="warn">{words.leaseHoursLong}</Notice>}
      </div>
      <div className="measure">
        <Radios
          label={words.fips}
          description={words.fipsExplain}
          options={[{ id: "off", label: words.fipsOff }, { id: "on", label: words.fipsOn }]}
          value={fips ? "on" : "off"}
          onChange={(id) => setTyped({ ...typed, fips: id === "on" })}
          bar
        />
      </div>
      <DirectoryFailure failure={act.failure} />
      <div className="row">
        <Button type="submit" variant="primary" isDisabled={!changes || chars === undefined || hours === undefined} isPending={act.busy}>
          {words.save}
        </Button>
        {!changes && <span className="quiet">{words.unchanged}</span>}
      </div>
    </form>
  );
}
