// The password was right, and the time that this device may work alone is over: an exchange with the server opens the
// records, or an officer gives more time by telephone.

import { type FormEvent, useEffect, useState } from "react";
import { lock } from "../../app/locking";
import { syncNow, useSync } from "../../app/sync";
import { setStatus, useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, FailureNotice, PageHeader, ProgressBar, TextField, toast } from "../../ui";
import type { Waiting } from "../../vault";
import { Front } from "./Front";
import { LeaseNotice } from "./LeaseNotice";

export function WaitingForServer({ waiting }: { waiting: Waiting }) {
  const { app, unlock } = useTexts();
  const texts = unlock.waiting;
  const sync = useSync();
  useEffect(() => {
    void syncNow();
  }, []);
  const failure = sync.status?.failure;
  return (
    <Front>
      <PageHeader
        title={texts.title}
        lead={texts.explain(waiting.user)}
        actions={<Button icon="lock" onPress={() => void lock()}>{app.lock}</Button>}
      />
      <LeaseNotice lease={waiting.vault.lease} />
      {sync.at === "working" ? <ProgressBar label={unlock.waiting.sync} /> : <FailureNotice failure={failure} />}
      <div className="row">
        <Button variant="primary" icon="sync" isPending={sync.at === "working"} onPress={() => void syncNow()}>{texts.sync}</Button>
      </div>
      {waiting.vault.lease !== undefined && <ExtendLease request={waiting.vault.lease.request} />}
    </Front>
  );
}

function ExtendLease({ request }: { request: string }) {
  const texts = useTexts().unlock.waiting;
  const [hours, setHours] = useState("");
  const [words, setWords] = useState("");
  const lines = words.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const extend = useAct((vault) => vault.extendLease(Number(hours), lines));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const status = await extend.run();
    if (status === undefined) return;
    setStatus(status);
    toast(texts.extended);
  };
  return (
    <Card title={texts.noNetwork}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <div>
          <p className="label">{texts.requestLabel}</p>
          <p className="code-words">{request}</p>
        </div>
        <TextField label={texts.hoursLabel} value={hours} onChange={setHours} inputMode="numeric" chars={5} isRequired />
        <TextField label={texts.linesLabel} description={texts.linesExplain} value={words} onChange={setWords} rows={4} fixed isRequired />
        <FailureNotice failure={extend.failure} />
        <div className="row">
          <Button type="submit" isDisabled={!/^\d+$/.test(hours) || lines.length === 0} isPending={extend.busy}>{texts.extend}</Button>
        </div>
      </form>
    </Card>
  );
}
