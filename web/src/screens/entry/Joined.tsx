import { useEffect, useRef, useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { FailureNotice, failureText, ProgressBar } from "../../ui";
import type { DeviceStatus, Enrolled, SyncProgress } from "../../vault";
import { CodesFirst } from "./CodesFirst";
import { useLeave } from "./leaving";

export interface JoinedProps {
  user: string;
  enrolled: Enrolled;
}

/** Somebody has joined: the charts come, and meanwhile their code goes on paper. */
export function Joined({ user, enrolled }: JoinedProps) {
  const texts = useTexts();
  const [code, setCode] = useState(enrolled.recoveryCode);
  const [progress, setProgress] = useState<SyncProgress>();
  const { leave, failure } = useLeave();
  const fetching = useAct(async (vault) => {
    await vault.sync(setProgress);
    // That of an attempt whose answer was lost was never shown.
    return enrolled.recoveryCode ?? (await vault.newRecoveryCode()).words;
  });
  const begin = async () => {
    const words = enrolled.failure === undefined ? await fetching.run() : undefined;
    if (words !== undefined) setCode(words);
    else if (enrolled.recoveryCode === undefined) await leave();
  };
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void begin();
    // Once for who has joined.
  }, []);

  const meanwhile = fetching.busy && <FetchProgress progress={progress} />;
  if (code === undefined) return <>{meanwhile}<FailureNotice failure={failure} /></>;
  const why = enrolled.failure ?? fetching.failure;
  return (
    <CodesFirst
      meanwhile={meanwhile}
      user={user}
      organisation={{ id: organisationOf(enrolled.status) }}
      code={code}
      note={why === undefined ? undefined : why.kind === "offline" ? texts.enrol.fetchFailed : failureText(why, texts)}
    />
  );
}

function FetchProgress({ progress }: { progress: SyncProgress | undefined }) {
  const texts = useTexts().enrol;
  if (progress === undefined) return <ProgressBar label={texts.fetchingStart} />;
  const { received, toReceive } = progress;
  const all = received + toReceive;
  return <ProgressBar label={all === 0 ? texts.fetchingStart : texts.fetching(received, all)} value={received} max={all} />;
}

/** Its id. */
function organisationOf(status: DeviceStatus): string {
  if (status.state === "open" || status.state === "waiting") return status.vault.organisation;
  return status.state === "locked" ? status.organisation : "";
}
