import { type FormEvent, useState } from "react";
import { useAct, useQuery } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, Facts, Notice, Radios, toast } from "../../ui";
import type { Policy, PolicyForm as Wanted } from "../../vault";
import { Answer } from "./Answer";
import { AdminsOnly, DirectoryFailure, useIsAdmin } from "./directory";
import { NumberField, wholeNumber } from "./NumberField";

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
  const charsRange = [policy.limits.passwordCharsFloor, policy.limits.passwordCharsCeiling] as const;
  const hoursRange = [LEASE_HOURS_MIN, policy.limits.leaseHoursMax] as const;
  const charsText = typed.chars ?? String(policy.passwordCharsMin);
  const hoursText = typed.hours ?? String(policy.leaseHours);
  const chars = wholeNumber(charsText, charsRange);
  const hours = wholeNumber(hoursText, hoursRange);
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
        <NumberField
          label={words.passwordChars}
          explain={(low, high) => `${words.passwordCharsExplain} ${words.limits(low, high)}`}
          wrong={words.range}
          suffix={words.passwordCharsSuffix}
          range={charsRange}
          typed={charsText}
          onChange={(text) => setTyped({ ...typed, chars: text })}
        />
        {chars !== undefined && chars < PASSWORD_CHARS_ADVISED && <Notice tone="warn">{words.passwordCharsShort}</Notice>}
      </div>
      <div className="stack-small measure">
        <NumberField
          label={words.leaseHours}
          explain={(low, high) => `${words.leaseHoursExplain} ${words.limits(low, high)}`}
          wrong={words.range}
          suffix={words.leaseHoursSuffix}
          range={hoursRange}
          typed={hoursText}
          onChange={(text) => setTyped({ ...typed, hours: text })}
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
