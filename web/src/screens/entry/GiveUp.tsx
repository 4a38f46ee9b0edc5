import { useState } from "react";
import { useAct } from "../../app/vaultStore";
import { Button, Confirm, FailureNotice } from "../../ui";
import type { Vault } from "../../vault";

export interface GiveUpProps {
  texts: { giveUp: string; giveUpTitle: string; giveUpExplain: string };
  act(vault: Vault): Promise<void>;
}

/** Deletes what is here, after asking: this browser is then as one without a vault. */
export function GiveUp({ texts, act }: GiveUpProps) {
  const [asked, setAsked] = useState(false);
  const giveUp = useAct(act, { writes: false });
  const cancel = () => {
    giveUp.clear();
    setAsked(false);
  };
  return (
    <>
      <Button icon="trash" onPress={() => setAsked(true)}>{texts.giveUp}</Button>
      <Confirm
        title={texts.giveUpTitle}
        open={asked}
        action={texts.giveUp}
        danger
        busy={giveUp.busy}
        onConfirm={() => void giveUp.run()}
        onCancel={cancel}
      >
        <p>{texts.giveUpExplain}</p>
        <FailureNotice failure={giveUp.failure} />
      </Confirm>
    </>
  );
}
