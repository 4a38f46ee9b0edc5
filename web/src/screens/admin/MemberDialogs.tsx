import { useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Dialog, Notice, Radios, toast } from "../../ui";
import type { Member, Role, Vault } from "../../vault";
import { DirectoryFailure } from "./directory";
import { DirectoryConfirm } from "./DirectoryConfirm";
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
  const retire = async (vault: Vault) => {
    await vault.retireMember(member.user);
    return words.retired(member.name);
  };
  return (
    <DirectoryConfirm title={words.retireTitle(member.name)} action={words.retire} change={retire} onClose={onClose}>
      <p>{words.retireDoes}</p>
      <p>{words.retireLimits}</p>
      <p>{words.retireFinal}</p>
    </DirectoryConfirm>
  );
}
