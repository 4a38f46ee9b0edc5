import { useVaultLine } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Card } from "../../ui";
import type { ServerVerification, Verification } from "../../vault";
import { Check, type Outcome } from "./Check";

/** Checks what this device holds: by itself, and against what the server has signed. */
export function Security() {
  const texts = useTexts().admin;
  const words = texts.security;
  const format = useFormat();
  const { server } = useVaultLine();
  const ofDevice = (done: Verification): Outcome => ({
    findings: done.findings,
    acknowledged: [],
    said: [
      words.hereChecked(format.number(done.charts), format.number(done.entries)),
      ...(done.chartsOpened < done.charts ? [words.hereClosed(format.number(done.charts - done.chartsOpened))] : []),
      ...(done.waiting > 0 ? [words.hereWaiting(format.number(done.waiting))] : []),
    ],
  });
  const ofServer = (done: ServerVerification): Outcome => ({
    findings: done.findings,
    acknowledged: done.acknowledged,
    said: [
      words.serverChecked(format.number(done.proven), format.number(done.size)),
      ...(done.unsent > 0 ? [words.serverUnsent(format.number(done.unsent))] : []),
    ],
  });
  return (
    <>
      <p className="quiet">{words.lead}</p>
      <Check
        title={words.here}
        explain={words.hereExplain}
        advice={words.whatToDo}
        run={async (vault, onProgress) => ofDevice(await vault.verify(onProgress))}
      />
      {server === undefined ? <Card title={words.server}><p className="quiet">{words.noServer}</p></Card> : (
        <Check
          title={words.server}
          explain={words.serverExplain}
          advice={words.whatToDoServer}
          run={async (vault, onProgress) => ofServer(await vault.verifyServer(onProgress))}
        />
      )}
    </>
  );
}
