import { useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Confirm, Dialog, Notice, Radios, toast } from "../../ui";
import type { Member, Role } from "../../vault";
import { DirectoryFailure } from "./directory";
import { roleOptions } from "./roles";

export interface MemberDialogProps {
  member: Member;
  onClose(): void;
}

export function RoleDialog({ member, lastAdmin, onClose }: MemberDialogProps & { lastAdmin: boolean }) {
  const texts = useTexts();
  const words = texts.admin.members;
  const [role, setRole] = useState<Role | null>(member.role ?? null);
  const act = useAct(async (vault, wanted: Role) => {
    await vault.setRole(member.user, wanted);
    return true;
  });
  const save = async () => {
    if (role === null || (await act.run(role)) === undefined) return;
    toast(words.roleChanged(member.name, texts.common.roles[role]));
    onClose();
  };
  const actions = (
    <>
      <Button onPress={onClose} isDisabled={act.busy}>{texts.common.cancel}</Button>
      <Button variant="primary" isDisabled={role === null || role === member.role} isPending={act.busy} onPress={() => void save()}>
        {words.changeRole}
      </Button>
    </>
  );
  return (
    <Dialog title={words.roleTitle(member.name)} open onClose={onClose} actions={lastAdmin ? undefined : actions}>
      {lastAdmin ? <Notice>{words.lastAdmin}</Notice> : (
        <Radios label={words.role} options={roleOptions(texts)} value={role} onChange={setRole} disabled={act.busy} />
      )}
      {!lastAdmin && member.me && role !== "admin" && <Notice tone="warn" announce>{words.roleOwn}</Notice>}
      <DirectoryFailure failure={act.failure} />
    </Dialog>
  );
}

export function RetireMember({ member, onClose }: MemberDialogProps) {
  const words = useTexts().admin.members;
  const act = useAct(async (vault) => {
    await vault.retireMember(member.user);
    return true;
  });
  const retire = async () => {
    if ((await act.run()) === undefined) return;
    toast(words.retired(member.name));
    onClose();
  };
  return (
    <Confirm
      title={words.retireTitle(member.name)}
      open
      action={words.retire}
      danger
      busy={act.busy}
      onConfirm={() => void retire()}
      onCancel={onClose}
    >
      <p>{words.retireDoes}</p>
      <p>{words.retireLimits}</p>
      <p>{words.retireFinal}</p>
      <DirectoryFailure failure={act.failure} />
    </Confirm>
  );
}
