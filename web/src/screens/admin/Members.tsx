import { useState } from "react";
import { Link } from "wouter";
import { useQuery } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Badge, Card, Checkbox, type Column, Menu, Table, TextField } from "../../ui";
import type { Member, Role } from "../../vault";
import { Answer } from "./Answer";
import { Appoint } from "./Appoint";
import { AdminsOnly, useIsAdmin } from "./directory";
import { RetireMember, RoleDialog } from "./MemberDialogs";
import { ROLES } from "./roles";

interface Asked {
  what: "role" | "retire";
  member: Member;
}

/** Who works here, as what, and in which teams. */
export function Members() {
  const texts = useTexts();
  const words = texts.admin.members;
  const query = useQuery("members", (vault) => vault.members());
  const isAdmin = useIsAdmin();
  const [find, setFind] = useState("");
  const [leftToo, setLeftToo] = useState(false);
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const invite = <Link href="/admin/invites" className="button button-secondary">{words.invite}</Link>;
  return (
    <>
      <Card title={texts.admin.sections.members} actions={isAdmin && invite}>
        {!isAdmin && <AdminsOnly />}
        <Answer query={query}>
          {(members) => (
            <>
              <p className="quiet">{words.lead(members.filter(isHere).length)}</p>
              <div className="row">
                <TextField label={words.find} type="search" icon="search" value={find} onChange={setFind} className="admin-find" />
                {!members.every(isHere) && <Checkbox selected={leftToo} onChange={setLeftToo}>{words.leftToo}</Checkbox>}
              </div>
              <MemberTable members={members.filter((member) => (leftToo || isHere(member)) && fits(member, find))} onAsk={setAsked} />
            </>
          )}
        </Answer>
      </Card>
      <Appoint />
      {asked?.what === "role" && (
        <RoleDialog member={asked.member} lastAdmin={isLastAdmin(asked.member, query.data ?? [])} onClose={close} />
      )}
      {asked?.what === "retire" && <RetireMember member={asked.member} onClose={close} />}
    </>
  );
}

function MemberTable({ members, onAsk }: { members: readonly Member[]; onAsk(asked: Asked): void }) {
  const { admin, common } = useTexts();
  const words = admin.members;
  const format = useFormat();
  const isAdmin = useIsAdmin();
  const change: Column<Member> = {
    id: "actions",
    name: words.actions,
    render: (member) => isHere(member) && <MemberMenu member={member} onAsk={onAsk} />,
  };
  const columns: Column<Member>[] = [
    { id: "name", name: words.name, compare: (a, b) => format.compare(a.name, b.name), render: (member) => <MemberName member={member} /> },
    {
      id: "role",
      name: words.role,
      compare: (a, b) => rank(a.role) - rank(b.role),
      render: ({ role }) => (role === undefined ? <span className="quiet">{common.none}</span> : common.roles[role]),
    },
    {
      id: "teams",
      name: words.teams,
      render: ({ teams }) => (teams.length === 0 ? <span className="quiet">{words.noTeams}</span> : format.list(teams)),
    },
    {
      id: "state",
      name: words.state,
      wideOnly: true,
      render: (member) => (isHere(member) ? <Badge tone="good" icon="check">{words.active}</Badge> : <Badge>{words.left}</Badge>),
    },
    ...(isAdmin ? [change] : []),
  ];
  return (
    <Table
      caption={admin.sections.members}
      columns={columns}
      rows={members}
      rowId={({ id }) => id}
      empty={<p className="quiet" role="status">{words.nobody}</p>}
    />
  );
}

function MemberName({ member: { name, user, me } }: { member: Member }) {
  const words = useTexts().admin.members;
  return (
    <span className="admin-name">
      <span>{name}</span>
      <span className="quiet small">{user}</span>
      {me && <Badge tone="info">{words.you}</Badge>}
    </span>
  );
}

function MemberMenu({ member, onAsk }: { member: Member; onAsk(asked: Asked): void }) {
  const words = useTexts().admin.members;
  const role = { id: "role", label: words.changeRole, icon: "edit" } as const;
  const retire = { id: "retire", label: words.retire, icon: "trash", danger: true } as const;
  return (
    <Menu
      variant="quiet"
      icon="more"
      iconOnly
      // Nobody retires themself: the session that does it would end in the middle.
      entries={member.me ? [role] : [role, retire]}
      onAction={(what) => onAsk({ what, member })}
    >
      {words.menu(member.name)}
    </Menu>
  );
}

function isHere({ role }: Member): boolean {
  return role !== undefined;
}

function isLastAdmin(member: Member, members: readonly Member[]): boolean {
  return member.role === "admin" && members.filter(({ role }) => role === "admin").length === 1;
}

function rank(role: Role | undefined): number {
  return role === undefined ? -1 : ROLES.indexOf(role);
}

function fits({ name, user, teams }: Member, find: string): boolean {
  const wanted = find.trim().toLocaleLowerCase();
  return [name, user, ...teams].some((text) => text.toLocaleLowerCase().includes(wanted));
}
