import { Link } from "wouter";
import { type SyncState, useSync, useToRead } from "../../app/sync";
import { type Format, type Texts, useFormat, useTexts } from "../../texts";
import { Icon, type IconName } from "../../ui";

/** Always in sight: what became of what was written. Green is never shown while something waits. */
export function SyncChip() {
  const texts = useTexts().sync;
  const state = useSync();
  const format = useFormat();
  // Nothing of a password that does not count any more may go by unread.
  const toRead = useToRead().passwords.length > 0;
  const words = toRead ? texts.chip.toRead : wordsOf(state, texts, format);
  const look = toRead ? "failed" : state.at;
  return (
    <Link href="/sync" className={`button sync-chip sync-${look}`} aria-label={texts.chip.label(words)}>
      <Icon name={ICONS[look]} />
      <span className="bar-words" role="status">{words}</span>
    </Link>
  );
}

const ICONS: Record<SyncState["at"], IconName> = {
  none: "device",
  offline: "cloudOff",
  working: "sync",
  failed: "alert",
  done: "cloud",
};

function wordsOf(state: SyncState, { chip }: Texts["sync"], format: Format): string {
  if (state.at === "none") return state.status === undefined ? chip.working : chip.none;
  if (state.at === "working") {
    const { progress } = state;
    if (progress !== undefined && progress.toSend > 0) return chip.sending(progress.sent, progress.toSend);
    if (progress !== undefined && progress.toReceive > 0) return chip.receiving(progress.received, progress.received + progress.toReceive);
    return chip.working;
  }
  const { unsent, syncedMs } = state.status;
  if (state.at === "offline") return unsent > 0 ? chip.offlineUnsent(unsent) : chip.offline;
  if (state.at === "failed") return chip.failed;
  if (unsent > 0) return chip.waiting(unsent);
  return syncedMs === undefined ? chip.working : chip.done(format.recent(syncedMs));
}
