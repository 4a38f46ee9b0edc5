import { useState } from "react";
import { useQuery, useVaultLine } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Badge, Button, Card, type Column, Notice, Table, type Tone } from "../../ui";
import type { InviteForm as Invited, InviteLine, InviteMade, InviteState, Vault } from "../../vault";
import { Answer } from "./Answer";
import { AdminsOnly, useIsAdmin } from "./directory";
import { DirectoryConfirm } from "./DirectoryConfirm";
import { InviteForm } from "./InviteForm";
import { InviteSheet } from "./InviteSheet";
import { inviteWords } from "./inviteWords";

const TONES: Record<InviteState, Tone> = { open: "info", used: "good", withdrawn: "neutral", expired: "neutral" };

/** Lets people and devices in, and shows what became of earlier invites. */
export function Invites() {
  const words = useTexts().admin.invites;
  const isAdmin = useIsAdmin();
  const { server } = useVaultLine();
  const [made, setMade] = useState<{ form: Invited; invite: InviteMade }>();
  if (made !== undefined) return <InviteSheet {...made} onDone={() => setMade(undefined)} />;
  return (
    <>
      {server === undefined && <Notice>{words.noServer}</Notice>}
      {!isAdmin && <AdminsOnly />}
      {isAdmin && server !== undefined && (
        <Card title={words.make}>
          <p className="quiet">{words.lead}</p>
          <InviteForm onMade={(form, invite) => setMade({ form, invite })} />
        </Card>
      )}
      <InviteList />
    </>
  );
}

function InviteList() {
  const words = useTexts().admin.invites;
  const isAdmin = useIsAdmin();
  const query = useQuery("invites", (vault) => vault.invites());
  const [withdrawing, setWithdrawing] = useState(false);
  const anyOpen = query.data?.some(({ state }) => state === "open") === true;
  const withdraw = <Button icon="close" onPress={() => setWithdrawing(true)}>{words.withdraw}</Button>;
  return (
    <Card title={words.list} actions={isAdmin && anyOpen && withdraw}>
      <Answer query={query}>{(invites) => <InviteTable invites={invites} />}</Answer>
      {withdrawing && <WithdrawAll onClose={() => setWithdrawing(false)} />}
    </Card>
  );
}

function InviteTable({ invites }: { invites: readonly InviteLine[] }) {
  const texts = useTexts();
  const words = texts.admin.invites;
  const format = useFormat();
  // An invite has no name; its place in the list, which the directory only ever adds to, tells it from the others.
  const rows = invites.map((invite, at) => ({ ...invite, id: String(invites.length - at) }));
  const columns: Column<(typeof rows)[number]>[] = [
    { id: "who", name: words.who, render: (invite) => inviteWords(invite, texts, format) },
    {
      id: "state",
      name: words.state,
      render: ({ state }) => <Badge tone={TONES[state]}>{words.states[state]}</Badge>,
    },
    { id: "until", name: words.until, render: ({ expiresMs }) => <span className="figures">{format.dateTime(expiresMs)}</span> },
    { id: "by", name: words.by, wideOnly: true, render: ({ by }) => by },
  ];
  return <Table caption={words.list} columns={columns} rows={rows} rowId={({ id }) => id} empty={<p className="quiet">{words.none}</p>} />;
}

function WithdrawAll({ onClose }: { onClose(): void }) {
  const words = useTexts().admin.invites;
  const withdraw = async (vault: Vault) => words.withdrawn(await vault.withdrawInvites());
  return (
    <DirectoryConfirm title={words.withdrawTitle} action={words.withdraw} change={withdraw} onClose={onClose}>
      <p>{words.withdrawExplain}</p>
    </DirectoryConfirm>
  );
}
