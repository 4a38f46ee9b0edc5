import { useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, FailureNotice, Notice, ProgressBar, Table } from "../../ui";
import type { CheckProgress, Finding } from "../../vault";

/** Checks what is stored here, by itself and against the server's log. */
export function Checks({ withServer }: { withServer: boolean }) {
  const texts = useTexts().technical;
  const [progress, setProgress] = useState<CheckProgress>();
  const here = useAct((vault) => vault.verify(setProgress), { writes: false });
  const server = useAct((vault) => vault.verifyServer(setProgress), { writes: false });
  const [found, setFound] = useState<{ words: string; findings: readonly Finding[] }>();

  const checkHere = async () => {
    setFound(undefined);
    const done = await here.run();
    if (done !== undefined) setFound({ words: texts.checked(done.entries, done.charts), findings: done.findings });
  };
  const checkServer = async () => {
    setFound(undefined);
    const done = await server.run();
    if (done !== undefined) setFound({ words: texts.proven(done.proven, done.size), findings: done.findings });
  };
  const busy = here.busy || server.busy;
  return (
    <Card title={texts.verify}>
      <p className="quiet">{texts.verifyExplain}</p>
      {withServer && <p className="quiet">{texts.verifyServerExplain}</p>}
      <div className="row">
        <Button icon="shield" isDisabled={busy} onPress={() => void checkHere()}>{texts.verify}</Button>
        {withServer && <Button icon="cloud" isDisabled={busy} onPress={() => void checkServer()}>{texts.verifyServer}</Button>}
      </div>
      {busy && (
        <ProgressBar label={texts.verifying(progress?.done ?? 0, progress?.all ?? 0)} value={progress?.done} max={progress?.all ?? 0} />
      )}
      <FailureNotice failure={here.failure ?? server.failure} />
      {found !== undefined && (
        <Notice tone={found.findings.length === 0 ? "good" : "bad"} title={found.findings.length === 0 ? texts.allWell : texts.findings} announce>
          {found.words}
        </Notice>
      )}
      {found !== undefined && found.findings.length > 0 && (
        <Table
          caption={texts.findings}
          columns={[
            { id: "what", name: texts.finding, render: ({ what }) => <span className="fixed">{what}</span> },
            { id: "reason", name: texts.reason, render: ({ reason }) => reason },
          ]}
          rows={found.findings}
          rowId={({ what, reason }) => `${what} ${reason}`}
        />
      )}
    </Card>
  );
}
