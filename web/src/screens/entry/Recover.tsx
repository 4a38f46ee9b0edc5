import { type FormEvent, useState } from "react";
import { refreshStatus, useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, FailureNotice, PageHeader, ProgressBar, TextField, toast } from "../../ui";
import { failureOf, type VaultLine } from "../../vault";
import { isGood, NewPassword, NOTHING_TYPED } from "./NewPassword";
import { RecoverySheet } from "./RecoverySheet";

/** A new password by the code on paper. The code is used up with it, so a new sheet follows. */
export function Recover({ line, onBack }: { line: VaultLine; onBack(): void }) {
  const { common, enrol, unlock } = useTexts();
  const texts = unlock.recover;
  const [user, setUser] = useState("");
  const [code, setCode] = useState("");
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [words, setWords] = useState<string>();
  const recover = useAct(async (vault) => {
    try {
      return await vault.recover(user.trim(), code.trim(), typed.password);
    } catch (error) {
      // The code was right, and the server has to be reached first: the member waits now, and is asked again after that.
      if (failureOf(error).kind !== "leaseExpired") throw error;
      await refreshStatus();
      toast(texts.afterExchange);
      return undefined;
    }
  }, { once: true });
  const failure = recover.failure?.kind === "wrongPassword" ? { ...recover.failure, kind: "wrongCode" } : recover.failure;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await recover.run();
    if (made === undefined) return;
    setTyped(NOTHING_TYPED);
    setCode("");
    setWords(made.words);
  };
  if (words !== undefined) {
    return (
      <RecoverySheet
        user={user}
        organisation={{ id: line.organisation }}
        code={words}
        note={enrol.recovery.again}
        onDone={() => void refreshStatus()}
      />
    );
  }
  const ready = user.trim() !== "" && code.trim() !== "" && isGood(typed);
  return (
    <>
      <PageHeader
        title={texts.title}
        lead={texts.explain}
        actions={<Button icon="back" variant="quiet" isDisabled={recover.busy} onPress={onBack}>{common.back}</Button>}
      />
      <form className="stack-large" onSubmit={(event) => void submit(event)}>
        <Card>
          <TextField label={unlock.user} value={user} onChange={setUser} isRequired />
          <TextField label={texts.code} description={texts.codeExplain} value={code} onChange={setCode} rows={3} fixed isRequired />
          <NewPassword typed={typed} onChange={setTyped} />
        </Card>
        <FailureNotice failure={failure} />
        {recover.busy && <ProgressBar label={enrol.working} />}
        <div className="row">
          <Button type="submit" variant="primary" isDisabled={!ready} isPending={recover.busy}>{texts.submit}</Button>
        </div>
      </form>
    </>
  );
}
