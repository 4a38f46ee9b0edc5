import { useState } from "react";
import { useAct } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Button, Dialog, FailureNotice, Notice, Radios, toast } from "../../../ui";
import type { Access, AccessLine } from "../../../vault";
import { levelOptions } from "./levels";
import { isLess, isManaged, type Sharing, withAccess } from "./people";

export interface AccessDialogProps {
  chart: string;
  line: AccessLine;
  sharing: Sharing;
  onClose(): void;
}

/** More or less access for who has some. */
export function ChangeDialog({ chart, line, sharing, onClose }: AccessDialogProps) {
  const texts = useTexts();
  const words = texts.share;
  const [access, setAccess] = useState<Access>(line.access);
  const act = useAct(async (vault, level: Access) => {
    await vault.grant(chart, line.grantee, level);
    return true;
  });
  const unmanaged = isManaged(sharing) && !isManaged(withAccess(sharing, line.grantee, access));
  const save = async () => {
    if ((await act.run(access)) === undefined) return;
    toast(words.changed(line.name, texts.common.access[access]));
    onClose();
  };
  const actions = (
    <>
      <Button onPress={onClose} isDisabled={act.busy}>{texts.common.cancel}</Button>
      <Button variant="primary" isDisabled={access === line.access || unmanaged} isPending={act.busy} onPress={() => void save()}>
        {words.changeTitle}
      </Button>
    </>
  );
  return (
    <Dialog title={words.changeOf(line.name)} open onClose={onClose} actions={actions}>
      <Radios label={words.howFar} options={levelOptions(texts)} value={access} onChange={setAccess} disabled={act.busy} />
      {isLess(access, line.access) && !unmanaged && <Notice announce>{words.lessExplain}</Notice>}
      {unmanaged && <Notice tone="warn" announce>{words.lastManager}</Notice>}
      <FailureNotice failure={act.failure} />
    </Dialog>
  );
}
