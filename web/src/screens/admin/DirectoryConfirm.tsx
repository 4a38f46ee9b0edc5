import type { ReactNode } from "react";
import { useAct } from "../../app/vaultStore";
import { Confirm, toast } from "../../ui";
import type { Vault } from "../../vault";
import { DirectoryFailure } from "./directory";

export interface DirectoryConfirmProps {
  title: string;
  /** What the button does. */
  action: string;
  /** Makes the change, and says what was done. */
  change(vault: Vault): Promise<string>;
  onClose(): void;
  children: ReactNode;
}

/** Asks before a change of the directory that cannot be taken back. */
export function DirectoryConfirm({ title, action, change, onClose, children }: DirectoryConfirmProps) {
  const act = useAct(change);
  const confirm = async () => {
    const done = await act.run();
    if (done === undefined) return;
    toast(done);
    onClose();
  };
  return (
    <Confirm title={title} open action={action} danger busy={act.busy} onConfirm={() => void confirm()} onCancel={onClose}>
      {children}
      <DirectoryFailure failure={act.failure} />
    </Confirm>
  );
}
