import { useState } from "react";
import { setStatus, useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, FailureNotice, Notice, PageHeader } from "../../ui";
import type { Failure } from "../../vault";
import { Enrol } from "./Enrol";
import { Front } from "./Front";

/** There is a vault, and it does not open. Nothing of it is thrown away: it says what is the matter and what to do. */
export function Unusable({ failure }: { failure: Failure }) {
  const { app, common, enrol } = useTexts();
  const texts = app.unusable;
  const [joining, setJoining] = useState(false);
  const again = useAct((vault) => vault.retry(), { writes: false });
  const retry = async () => {
    const status = await again.run();
    if (status !== undefined) setStatus(status);
  };
  if (joining) return <Front><Enrol here={false} onBack={() => setJoining(false)} /></Front>;
  const words: Partial<Record<Failure["kind"], string>> = { noSiteKey: texts.noSiteKey, damaged: texts.damaged, busy: texts.busy };
  return (
    <Front>
      <PageHeader title={texts.title} lead={texts.kept} />
      <Notice tone="bad">{words[failure.kind] ?? failure.message}</Notice>
      {words[failure.kind] !== undefined && (
        <details>
          <summary>{common.details}</summary>
          <p className="fixed">{failure.message}</p>
        </details>
      )}
      <FailureNotice failure={again.failure} />
      <div className="row">
        <Button variant="primary" icon="sync" isPending={again.busy} onPress={() => void retry()}>{common.retry}</Button>
        {failure.kind === "noSiteKey" && <Button icon="key" onPress={() => setJoining(true)}>{enrol.welcome.join}</Button>}
      </div>
    </Front>
  );
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
