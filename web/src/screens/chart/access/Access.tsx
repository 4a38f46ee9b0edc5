import { useState } from "react";
import { useMe, useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Badge, Button, Card, FailureNotice, Icon, Notice, Unanswered } from "../../../ui";
import type { AccessLine, AccessPage } from "../../../vault";
import "../../../styles/access.css";
import { ChangeDialog } from "./ChangeDialog";
import { GrantForm } from "./GrantForm";
import { PeopleCard } from "./PeopleCard";
import { isManaged, named, peopleOf, type Sharing } from "./people";
import { RevokeDialog } from "./RevokeDialog";

/** Who can see and change a chart, and deciding about it. It works without a network: sharing is an entry as others are. */
export function Access({ chart }: { chart: string }) {
  const { admin } = useTexts();
  const page = useQuery("access", (vault) => vault.access(chart), [chart]);
  const members = useQuery("members", (vault) => vault.members());
  const teams = useQuery("teams", (vault) => vault.teams());
  const failure = page.failure ?? members.failure ?? teams.failure;
  if (page.data === undefined || members.data === undefined || teams.data === undefined) return <Unanswered failure={failure} />;
  const sharing = { grants: named(page.data.grants, teams.data, admin.teams.everyone), members: members.data, teams: teams.data };
  return (
    <div className="stack-large">
      <FailureNotice failure={failure} />
      <Shared chart={chart} page={page.data} sharing={sharing} />
    </div>
  );
}

function Shared({ chart, page, sharing }: { chart: string; page: AccessPage; sharing: Sharing }) {
  const words = useTexts().share;
  const { role } = useMe();
  const [asked, setAsked] = useState<{ what: "change" | "revoke"; line: AccessLine }>();
  const people = peopleOf(sharing);
  const writers = people.filter(({ access }) => access !== "read");
  const mayManage = page.mine === "manage" && role !== "reader";
  const close = () => setAsked(undefined);
  return (
    <>
      <Card title={words.title}>
        <p>
          <strong>{words.summary(people.length, writers.length)}</strong> {words.lead}
        </p>
        <p className="quiet">{words.officers}</p>
        {page.waitsForNewKey && <Notice title={words.waitsForKey}>{words.waitsForKeyExplain}</Notice>}
        {!isManaged(sharing) && <Notice tone="warn">{words.unmanaged}</Notice>}
        <h3>{words.sharedWith}</h3>
        <ul className="access-lines">
          {sharing.grants.map((line) => (
            <li key={line.grantee}>
              <Line line={line} sharing={sharing} />
              {mayManage && (
                <div className="row">
                  <Button icon="edit" onPress={() => setAsked({ what: "change", line })} aria-label={words.changeLabel(line.name)}>{words.change}</Button>
                  <Button icon="close" onPress={() => setAsked({ what: "revoke", line })} aria-label={words.revokeLabel(line.name)}>{words.revoke}</Button>
                </div>
              )}
            </li>
          ))}
        </ul>
        {!mayManage && <Notice tone="neutral">{words.cannotManage}</Notice>}
      </Card>
      {mayManage && <GrantForm chart={chart} sharing={sharing} />}
      <PeopleCard people={people} />
      {asked?.what === "change" && <ChangeDialog chart={chart} line={asked.line} sharing={sharing} onClose={close} />}
      {asked?.what === "revoke" && <RevokeDialog chart={chart} line={asked.line} sharing={sharing} onClose={close} />}
    </>
  );
}

/** What one member or team was given, in words. */
function Line({ line, sharing }: { line: AccessLine; sharing: Sharing }) {
  const { admin, common, share: words } = useTexts();
  const left = !line.team && !sharing.members.some(({ user, role }) => user === line.grantee && role !== undefined);
  return (
    <div className="access-line">
      <Icon name={line.team ? "team" : "person"} label={line.team ? words.team : words.member} />
      <div className="stack-small">
        <span>
          <strong>{line.name}</strong>
          {!line.team && <span className="quiet small"> {line.grantee}</span>}
          {left && <> <Badge>{admin.members.left}</Badge></>}
        </span>
        <span>{common.access[line.access]}</span>
        {line.team && <Members names={line.members} />}
      </div>
    </div>
  );
}

function Members({ names }: { names: readonly string[] }) {
  const words = useTexts().share;
  if (names.length === 0) return <span className="quiet small">{words.emptyTeam}</span>;
  return (
    <details className="access-members">
      <summary>{words.memberCount(names.length)}</summary>
      <ul>{names.map((name, at) => <li key={at}>{name}</li>)}</ul>
    </details>
  );
}
