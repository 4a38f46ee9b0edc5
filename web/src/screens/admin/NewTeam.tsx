import { useState } from "react";
import { useAct, useMe } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Dialog, Notice, TextField, toast } from "../../ui";
import type { Member, Team } from "../../vault";
import { DirectoryFailure } from "./directory";
import { SomeOf, toggled } from "./SomeOf";

export interface NewTeamProps {
  members: readonly Member[];
  /** Those that there are already. */
  teams: readonly Team[];
  onClose(): void;
}

export function NewTeam({ members, teams, onClose }: NewTeamProps) {
  const { admin, common } = useTexts();
  const words = admin.teams;
  const format = useFormat();
  const me = useMe();
  const [name, setName] = useState("");
  const [users, setUsers] = useState<ReadonlySet<string>>(new Set([me.user]));
  const act = useAct(async (vault) => {
    await vault.createTeam(name.trim(), [...users]);
    return true;
  });
  const taken = teams.some((team) => format.compare(team.name, name.trim()) === 0);
  const submit = async () => {
    if ((await act.run()) === undefined) return;
    toast(words.created(name.trim()));
    onClose();
  };
  const actions = (
    <>
      <Button onPress={onClose} isDisabled={act.busy}>{common.cancel}</Button>
      <Button variant="primary" isDisabled={name.trim() === "" || taken || users.size === 0} isPending={act.busy} onPress={() => void submit()}>
        {words.submit}
      </Button>
    </>
  );
  const choices = members.filter(({ role }) => role !== undefined).map((member) => ({ id: member.user, label: member.name, description: member.user }));
  return (
    <Dialog title={words.create} open onClose={onClose} actions={actions}>
      <p className="quiet">{words.createExplain}</p>
      <TextField label={words.name} value={name} onChange={setName} error={taken ? words.nameTaken : undefined} autoFocus isRequired />
      <SomeOf label={words.members} options={choices} chosen={users} onToggle={(user) => setUsers(toggled(users, user))} />
      {!users.has(me.user) && <Notice tone="warn" announce>{words.createOutside}</Notice>}
      <DirectoryFailure failure={act.failure} />
    </Dialog>
  );
}
