import { type FormEvent, useState } from "react";
import { useAct, useMe } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, choices, Radios } from "../../ui";
import type { InviteForm as Invited, InviteMade, Role } from "../../vault";
import { DirectoryFailure } from "./directory";
import { NumberField, wholeNumber } from "./NumberField";
import { roleOptions } from "./roles";
import { SomeOf, toggled } from "./SomeOf";

/** As `wardbook invite` takes them: a month is long for a link that is a secret. */
const HOURS = [1, 720] as const;
const HOURS_AT_FIRST = "72";

const KINDS = ["both", "member", "device"] as const;
type Kind = (typeof KINDS)[number];

export function InviteForm({ onMade }: { onMade(form: Invited, invite: InviteMade): void }) {
  const texts = useTexts();
  const words = texts.admin.invites;
  const me = useMe();
  const [kind, setKind] = useState<Kind>("both");
  const [role, setRole] = useState<Role>("clinician");
  const [teams, setTeams] = useState<ReadonlySet<string>>(new Set(me.teams.length === 1 ? me.teams : []));
  const [hoursText, setHoursText] = useState(HOURS_AT_FIRST);
  const act = useAct((vault, form: Invited) => vault.invite(form), { once: true });
  const hours = wholeNumber(hoursText, HOURS);
  const forMember = kind !== "device";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (hours === undefined) return;
    const member = forMember ? { role, teams: [...teams] } : { teams: [] };
    const form: Invited = { ...member, device: kind !== "member", hours };
    const invite = await act.run(form);
    if (invite !== undefined) onMade(form, invite);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <Radios label={words.kind} options={choices(KINDS, words.kinds, words.kindsExplain)} value={kind} onChange={setKind} disabled={act.busy} />
      {forMember && <Radios label={words.role} options={roleOptions(texts)} value={role} onChange={setRole} disabled={act.busy} />}
      {forMember && (
        <SomeOf
          label={words.teams}
          description={words.teamsExplain}
          options={me.teams.map((name) => ({ id: name, label: name }))}
          chosen={teams}
          onToggle={(name) => setTeams(toggled(teams, name))}
          none={words.noTeams}
          disabled={act.busy}
        />
      )}
      <NumberField
        label={words.hours}
        explain={words.hoursExplain}
        wrong={words.hoursWrong}
        suffix={words.hoursSuffix}
        range={HOURS}
        typed={hoursText}
        onChange={setHoursText}
      />
      <DirectoryFailure failure={act.failure} />
      <div className="row">
        <Button type="submit" variant="primary" isDisabled={hours === undefined} isPending={act.busy}>{words.submit}</Button>
      </div>
    </form>
  );
}
