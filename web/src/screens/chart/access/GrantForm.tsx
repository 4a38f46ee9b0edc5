import { type FormEvent, useState } from "react";
import { useAct } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Button, Card, ComboBox, FailureNotice, Notice, Radios, toast } from "../../../ui";
import type { Access } from "../../../vault";
import { levelOptions } from "./levels";
import type { Sharing } from "./people";

/** Gives a member or team access who has none of their own yet. */
export function GrantForm({ chart, sharing }: { chart: string; sharing: Sharing }) {
  const texts = useTexts();
  const words = texts.share;
  const [who, setWho] = useState<string | null>(null);
  const [access, setAccess] = useState<Access>("write");
  // A form is filled in anew for the next one; the field keeps what was typed otherwise.
  const [round, setRound] = useState(0);
  const act = useAct(async (vault, to: string, level: Access) => {
    await vault.grant(chart, to, level);
    return true;
  });
  const options = optionsOf(sharing, words.team, texts.admin.teams.everyone);
  const chosen = options.find(({ id }) => id === who);
  const isReader = sharing.members.some(({ user, role }) => user === who && role === "reader");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen === undefined || (await act.run(chosen.id, access)) === undefined) return;
    toast(words.granted(chosen.label));
    setWho(null);
    setRound(round + 1);
  };
  return (
    <Card title={words.add}>
      <form className="stack measure" onSubmit={(event) => void submit(event)}>
        <ComboBox
          key={round}
          label={words.who}
          description={words.whoExplain}
          options={options}
          value={chosen?.id ?? null}
          onChange={setWho}
          disabled={act.busy}
        />
        <Radios label={words.howFar} options={levelOptions(texts)} value={access} onChange={setAccess} disabled={act.busy} />
        {isReader && access !== "read" && <Notice announce>{words.readerExplain}</Notice>}
        <p className="quiet">{words.grantExplain}</p>
        <FailureNotice failure={act.failure} />
        <div className="row">
          <Button type="submit" variant="primary" icon="share" isDisabled={chosen === undefined} isPending={act.busy}>{words.grant}</Button>
        </div>
      </form>
    </Card>
  );
}

/** Teams come first: a chart belongs to a team rather than to a person. */
function optionsOf({ grants, members, teams }: Sharing, teamWord: string, everyone: string) {
  const ofTeams = teams.map((team) => ({ id: `team:${team.name}`, label: team.everyone ? everyone : team.name, description: teamWord }));
  const active = members.filter(({ role }) => role !== undefined);
  const ofMembers = active.map(({ user, name }) => ({ id: user, label: name, description: user }));
  return [...ofTeams, ...ofMembers].filter(({ id }) => !grants.some(({ grantee }) => grantee === id));
}
