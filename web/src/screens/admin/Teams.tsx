import { useState } from "react";
import { useQuery } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, EmptyState, FailureNotice } from "../../ui";
import { Answer } from "./Answer";
import { AdminsOnly, useIsAdmin } from "./directory";
import { NewTeam } from "./NewTeam";
import { TeamCard } from "./TeamCard";

/** Teams and who is in them: what a chart is shared with, as a rule. */
export function Teams() {
  const { admin } = useTexts();
  const words = admin.teams;
  const isAdmin = useIsAdmin();
  const teams = useQuery("teams", (vault) => vault.teams());
  const members = useQuery("members", (vault) => vault.members());
  const [making, setMaking] = useState(false);
  const people = members.data ?? [];
  const create = <Button variant="primary" icon="add" onPress={() => setMaking(true)}>{words.create}</Button>;
  return (
    <>
      <Card title={admin.sections.teams} actions={isAdmin && create}>
        <p className="quiet">{words.lead}</p>
        {!isAdmin && <AdminsOnly />}
      </Card>
      <FailureNotice failure={members.failure} />
      <Answer query={teams}>
        {(all) => (
          <>
            {!all.some(({ everyone }) => !everyone) && <EmptyState icon="team" title={words.none}>{words.lead}</EmptyState>}
            {/* That of everyone comes last: nobody changes it. */}
            {[...all].sort((a, b) => Number(a.everyone) - Number(b.everyone)).map((team) => (
              <TeamCard key={team.id} team={team} members={people} />
            ))}
            {making && <NewTeam members={people} teams={all} onClose={() => setMaking(false)} />}
          </>
        )}
      </Answer>
    </>
  );
}
