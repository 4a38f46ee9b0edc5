import { useState } from "react";
import { refreshStatus, startAgain } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Notice, PageHeader } from "../../ui";
import type { Failure } from "../../vault";
import { Enrol } from "./Enrol";
import { Front } from "./Front";
import { GiveUp } from "./GiveUp";

/**
 * There is a vault, and it does not open: this says what is the matter and what to do. It is thrown away when
 * somebody gives it up, or joins where an invite does not bring back its key.
 */
export function Unusable({ failure }: { failure: Failure }) {
  const { app, common, enrol } = useTexts();
  const texts = app.unusable;
  const [joins, setJoins] = useState(false);
  const [starting, setStarting] = useState(false);
  const back = () => {
    setJoins(false);
    // What was begun may have taken the place of what was here.
    void refreshStatus();
  };
  const retry = async () => {
    setStarting(true);
    // Files that another worker held are taken hold of at its start alone.
    await startAgain();
    setStarting(false);
  };
  if (joins) return <Front><Enrol here={false} onBack={back} /></Front>;
  const words: Partial<Record<Failure["kind"], string>> = { noSiteKey: texts.noSiteKey, damaged: texts.damaged, busy: texts.busy };
  return (
    <Front>
      <PageHeader title={texts.title} lead={failure.kind === "noSiteKey" ? texts.sealed : texts.kept} />
      <Notice tone="bad">{words[failure.kind] ?? failure.message}</Notice>
      {words[failure.kind] !== undefined && (
        <details>
          <summary>{common.details}</summary>
          <p className="fixed">{failure.message}</p>
        </details>
      )}
      <div className="row">
        <Button variant="primary" icon="sync" isPending={starting} onPress={() => void retry()}>{common.retry}</Button>
        {failure.kind === "noSiteKey" && (
          <Button icon="key" onPress={() => setJoins(true)}>{enrol.welcome.join}</Button>
        )}
        {(failure.kind === "damaged" || failure.kind === "noSiteKey") && <GiveUp texts={texts} act={discard} />}
      </div>
    </Front>
  );
}

/** By a new worker: this one may know a key that the browser did not keep. */
function discard(): Promise<void> {
  return startAgain((vault) => vault.discardVault());
}

/** The program itself did not start: an old browser, a page that came without HTTPS, or a file that did not arrive. */
export function Broken({ failure }: { failure: Failure }) {
  const { app, errors } = useTexts();
  return (
    <Front>
      <PageHeader title={errors.title} lead={errors.unexpected} />
      <p className="fixed">{failure.message}</p>
      <div className="row">
        <Button variant="primary" icon="sync" onPress={() => location.reload()}>{app.crashed.reload}</Button>
      </div>
    </Front>
  );
}
