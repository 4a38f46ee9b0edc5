// What every part has that changes the directory: who may, that it needs the server, and what no answer means.

import { syncNow, useSync } from "../../app/sync";
import { useMe, useQuery, useVaultLine } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, FailureNotice, Notice } from "../../ui";
import type { Failure } from "../../vault";

/** More than these few nobody reads; any of them can be asked. */
const NAMED_MAX = 5;

export function useIsAdmin(): boolean {
  return useMe().role === "admin";
}

/** In place of what a member may not press: who may. */
export function AdminsOnly() {
  const texts = useTexts().admin;
  const format = useFormat();
  const members = useQuery("members", (vault) => vault.members()).data ?? [];
  const admins = members.filter(({ role }) => role === "admin").map(({ name }) => name);
  return <Notice tone="neutral">{texts.adminsOnly(format.list(admins.slice(0, NAMED_MAX)))}</Notice>;
}

/** Says that the directory cannot be changed now, and from when what is shown is. */
export function OfflineNotice() {
  const { admin, common } = useTexts();
  const format = useFormat();
  const sync = useSync();
  const { syncedMs } = useVaultLine();
  // It stays while somebody tries again, so that the button does not vanish under their finger.
  const trying = sync.at === "working";
  const offline = sync.at === "offline" || (trying && sync.status?.offlineSinceMs !== undefined);
  if (!offline) return null;
  const actions = <Button icon="sync" isPending={trying} onPress={() => void syncNow()}>{common.retry}</Button>;
  return (
    <Notice tone="info" title={admin.offline.title} actions={actions} announce>
      {admin.offline.explain} {syncedMs !== undefined && admin.offline.known(format.recent(syncedMs))}
    </Notice>
  );
}

/** As `FailureNotice`. A change of the directory that got no answer is not kept here to be sent later, as a record is. */
export function DirectoryFailure({ failure }: { failure: Failure | undefined }) {
  const texts = useTexts().admin.noAnswer;
  if (failure?.kind !== "offline") return <FailureNotice failure={failure} />;
  return <Notice tone="warn" title={texts.title} announce>{texts.explain}</Notice>;
}
