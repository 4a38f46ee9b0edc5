import { useState } from "react";
import { useAct, useMe } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Badge, Button, Card, ComboBox, Dialog, Notice, toast } from "../../ui";
import type { Member, Team, Vault } from "../../vault";
import { DirectoryFailure, useIsAdmin } from "./directory";
import { DirectoryConfirm } from "./DirectoryConfirm";

export interface TeamCardProps {
  team: Team;
  /** All of the organisation, also those who left. */
  members: readonly Member[];
}

/** A person in a team; one whom the directory does not name has their user name alone. */
interface Person {
  user: string;
  name: string;
}

export function TeamCard({ team, members }: TeamCardProps) {
  const { admin, common } = useTexts();
  const words = admin.teams;
  const isAdmin = useIsAdmin();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Person>();
  const name = team.everyone ? words.everyone : team.name;
  const people = team.members.map((user): Person => ({ user, name: members.find((member) => member.user === user)?.name ?? user }));
  const outside = members.filter(({ role, user }) => role !== undefined && !team.members.includes(user));
  const mayChange = isAdmin && !team.everyone;
  const mayAdd = mayChange && team.mine && outside.length > 0;
  const add = <Button icon="add" onPress={() => setAdding(true)}>{words.add}</Button>;
  return (
    <Card title={name} actions={mayAdd && add}>
      <div className="row">
        {team.mine && <Badge tone="info" icon="check">{words.mine}</Badge>}
        {team.everyone && <p className="quiet">{words.everyoneExplain}</p>}
        {mayChange && !team.mine && <p className="quiet">{words.notMine}</p>}
        {mayChange && outside.length === 0 && <p className="quiet">{words.allIn}</p>}
        {mayChange && people.length === 1 && <p className="quiet">{words.last}</p>}
      </div>
      {people.length === 0 ? <p className="quiet">{common.none}</p> : (
        <ul className="admin-people" aria-label={words.members}>
          {people.map((person) => (
            <li key={person.user}>
              <span className="admin-name">
                <span>{person.name}</span>
                <span className="quiet small">{person.user}</span>
              </span>
              {mayChange && people.length > 1 && (
                <Button variant="quiet" icon="close" iconOnly onPress={() => setLeaving(person)}>{words.remove(person.name, name)}</Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {adding && <AddMember team={team} outside={outside} onClose={() => setAdding(false)} />}
      {leaving !== undefined && <RemoveMember team={team} person={leaving} onClose={() => setLeaving(undefined)} />}
    </Card>
  );
}

function AddMember({ team, outside, onClose }: { team: Team; outside: readonly Member[]; onClose(): void }) {
  const { admin, common } = useTexts();
  const words = admin.teams;
  const [user, setUser] = useState<string | null>(null);
  const act = useAct(async (vault, added: string) => {
    await vault.addToTeam(team.name, added);
    return true;
  });
  const submit = async () => {
    if (user === null || (await act.run(user)) === undefined) return;
    toast(words.added(outside.find((member) => member.user === user)?.name ?? user, team.name));
    onClose();
  };
  const actions = (
    <>
      <Button onPress={onClose} isDisabled={act.busy}>{common.cancel}</Button>
      <Button variant="primary" isDisabled={user === null} isPending={act.busy} onPress={() => void submit()}>{words.add}</Button>
    </>
  );
  const options = outside.map((member) => ({ id: member.user, label: member.name, description: member.user }));
  return (
    <Dialog title={words.addTo(team.name)} open onClose={onClose} actions={actions}>
      <p className="quiet">{words.addExplain}</p>
      <ComboBox label={words.members} options={options} value={user} onChange={setUser} disabled={act.busy} />
      <DirectoryFailure failure={act.failure} />
    </Dialog>
  );
}

function RemoveMember({ team, person, onClose }: { team: Team; person: Person; onClose(): void }) {
  const words = useTexts().admin.teams;
  const me = useMe();
  const remove = async (vault: Vault) => {
    await vault.removeFromTeam(team.name, person.user);
    return words.removed(person.name, team.name);
  };
  return (
    <DirectoryConfirm title={words.removeTitle(person.name, team.name)} action={words.removeAction} change={remove} onClose={onClose}>
      <p>{words.removeDoes}</p>
      <p>{words.removeLimits}</p>
      {person.user === me.user && <Notice tone="warn">{words.removeYourself}</Notice>}
    </DirectoryConfirm>
  );
}
