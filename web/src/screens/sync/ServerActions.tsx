// What admins and officers do about the server, seldom.

import { type FormEvent, useState } from "react";
import { syncNow } from "../../app/sync";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, FailureNotice, ProgressBar, TextField, toast } from "../../ui";
import type { SyncProgress } from "../../vault";

/** For an organisation that began without a server, or whose first attempt was not answered. */
export function PutOnServer() {
  const texts = useTexts().sync;
  const [link, setLink] = useState("");
  const [progress, setProgress] = useState<SyncProgress>();
  const put = useAct((vault) => vault.putOnServer(link.trim(), setProgress), { repeatable: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await put.run()) === undefined) return;
    toast(texts.putOnServerDone);
    await syncNow();
  };
  return (
    <Card title={texts.putOnServer}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <TextField label={texts.putOnServerLink} value={link} onChange={setLink} rows={3} fixed isRequired />
        <FailureNotice failure={put.failure} />
        {put.busy && <ProgressBar label={texts.stateWorking} value={progress?.sent} max={progress?.toSend ?? 0} />}
        <div className="row">
          <Button type="submit" isDisabled={link.trim() === ""} isPending={put.busy}>{texts.putOnServer}</Button>
        </div>
      </form>
    </Card>
  );
}

/** After a restore from a backup: until an admin says so, every device refuses the server. */
export function RestoredServer() {
  const texts = useTexts().sync;
  const accept = useAct((vault) => vault.acceptRestored(() => undefined), { repeatable: true });
  const run = async () => {
    if ((await accept.run()) !== undefined) await syncNow();
  };
  return (
    <Card title={texts.acceptRestored}>
      <p>{texts.acceptRestoredExplain}</p>
      <FailureNotice failure={accept.failure} />
      <div className="row">
        <Button variant="danger" isPending={accept.busy} onPress={() => void run()}>{texts.acceptRestoredDo}</Button>
      </div>
    </Card>
  );
}
