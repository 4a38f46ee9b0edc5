import { setLink, setStatus, useAct } from "../../app/vaultStore";
import type { Failure } from "../../vault";

/** Goes on to what the vault is at, as soon as it answers: it may still be busy with what was begun here. */
export function useLeave(): { leave(): Promise<void>; failure: Failure | undefined } {
  const look = useAct((vault) => vault.status(), { writes: false });
  const leave = async () => {
    const status = await look.run();
    if (status === undefined) return;
    setLink(undefined);
    setStatus(status);
  };
  return { leave, failure: look.failure };
}
