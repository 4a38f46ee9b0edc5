import { useEffect, useRef, useState } from "react";
import { useShownOnce } from "../../app/editing";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { FailureNotice, failureText, ProgressBar, toast } from "../../ui";
import type { DeviceStatus, Enrolled, SyncProgress } from "../../vault";
import { CodesFirst } from "./CodesFirst";
import { useLeave } from "./leaving";

export interface JoinedProps {
  user: string;
  enrolled: Enrolled;
}

/** Somebody has joined: the charts come, and meanwhile their code goes on paper. */
export function Joined({ user, enrolled }: JoinedProps) {
  const words = useTexts();
  const [code, setCode] = useState(enrolled.recoveryCode);
  const [progress, setProgress] = useState<SyncProgress>();
  const { leave, failure } = useLeave();
  // Until the vault is open the device locks by itself all the same.
  useShownOnce();
  const fetching = useAct((vault) => vault.sync(setProgress), { repeatable: true });
  const making = useAct((vault) => vault.newRecoveryCode(), { once: true });
  const begin = async () => {
    const fetched = enrolled.failure === undefined ? await fetching.run() : undefined;
    if (code !== undefined) return;
    // That of an attempt whose answer was lost was never shown.
    const made = fetched === undefined ? undefined : await making.run();
    if (made !== undefined) return setCode(made.words);
    await leave();
    toast(words.enrol.noCodeYet, "bad");
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
      note={why === undefined ? undefined : why.kind === "offline" ? words.enrol.fetchFailed : failureText(why, words)}
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
