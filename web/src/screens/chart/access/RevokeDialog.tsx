import { useAct, useMe } from "../../../app/vaultStore";
import { useFormat, useTexts } from "../../../texts";
import { Confirm, Dialog, FailureNotice, Notice, toast } from "../../../ui";
import type { AccessDialogProps } from "./ChangeDialog";
import { isManaged, losing, peopleOf, withAccess } from "./people";

/** Takes access back, after saying for whom, and what that does and does not do. */
export function RevokeDialog({ chart, line, sharing, onClose }: AccessDialogProps) {
  const { common, share: words } = useTexts();
  const format = useFormat();
  const me = useMe();
  const act = useAct((vault) => vault.revoke(chart, line.grantee));
  const after = withAccess(sharing, line.grantee, undefined);
  const lost = losing(sharing, after);
  const still = peopleOf(after).find(({ member }) => !line.team && member.user === line.grantee);
  if (isManaged(sharing) && !isManaged(after)) {
    return (
      <Dialog title={words.revokeTitle(line.name)} open onClose={onClose}>
        <Notice>{words.lastManager}</Notice>
      </Dialog>
    );
  }
  const revoke = async () => {
    const done = await act.run();
    if (done === undefined) return;
    toast(done.left === undefined ? words.revoked(line.name) : words.revokedStill(line.name, common.access[done.left]));
    onClose();
  };
  return (
    <Confirm
      title={words.revokeTitle(line.name)}
      open
      action={words.revoke}
      danger
      busy={act.busy}
      onConfirm={() => void revoke()}
      onCancel={onClose}
    >
      <div>
        <h3>{words.revokeCan}</h3>
        <p>{words.revokeCanExplain}</p>
      </div>
      <div>
        <h3>{words.revokeCannot}</h3>
        <p>{words.revokeCannotExplain}</p>
      </div>
      {line.team && lost.length > 0 && <p>{words.loses(format.list(lost.map(({ member }) => member.name)))}</p>}
      {line.team && lost.length === 0 && <Notice>{words.losesNobody}</Notice>}
      {still !== undefined && (
        <Notice tone="warn">{words.stillThrough(format.list(still.through.map(({ name }) => name)), common.access[still.access])}</Notice>
      )}
      {lost.some(({ member }) => member.id === me.id) && <Notice tone="warn">{words.losesYou}</Notice>}
      <FailureNotice failure={act.failure} />
    </Confirm>
  );
}
