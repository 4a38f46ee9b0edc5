import { Link } from "wouter";
import { type SyncState, syncNow, useLastReport, useSync, useToRead } from "../../app/sync";
import { useAct, useMe } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, Facts, FailureNotice, Notice, PageHeader, ProgressBar, toast } from "../../ui";
import type { SyncReport, SyncStatus } from "../../vault";
import { PutOnServer, RestoredServer } from "./ServerActions";

export default function SyncScreen() {
  const texts = useTexts().sync;
  const state = useSync();
  const report = useLastReport();
  const { role } = useMe();
  const { status } = state;
  const hasServer = status?.hasServer === true;
  const actions = (
    <Button variant="primary" icon="sync" isPending={state.at === "working"} onPress={() => void syncNow()}>{texts.now}</Button>
  );
  return (
    <>
      <PageHeader title={texts.title} actions={hasServer ? actions : undefined} />
      {status !== undefined && !hasServer && <Notice>{texts.noServer}</Notice>}
      {hasServer && <State state={state} />}
      {status !== undefined && status.alarms.length > 0 && <Alarms alarms={status.alarms} />}
      <ToRead />
      {hasServer && (
        <div className="columns">
          <Standing status={status} />
          {report !== undefined && <Report report={report} />}
        </div>
      )}
      {role === "admin" && status !== undefined && !hasServer && <PutOnServer />}
      {role === "admin" && status?.failure?.kind === "serverCaught" && <RestoredServer />}
      {(role === "admin" || role === "officer") && hasServer && <p><Link href="/admin/extension">{texts.extend}</Link></p>}
    </>
  );
}

function State({ state }: { state: SyncState }) {
  const texts = useTexts().sync;
  const format = useFormat();
  if (state.at === "none") return null;
  if (state.at === "working") return <Working state={state} />;
  const { status } = state;
  if (state.at === "offline") {
    const since = status.offlineSinceMs;
    return <Notice>{since === undefined ? texts.stateOfflineNow : texts.stateOffline(format.recent(since))}</Notice>;
  }
  if (state.at === "failed") {
    const caught = status.failure?.kind === "serverCaught";
    return (
      <Notice tone="bad" title={texts.stateFailed}>
        {caught ? texts.caught : status.failure?.message}
        {caught && <p className="small">{status.failure?.message}</p>}
      </Notice>
    );
  }
  if (status.syncedMs === undefined) return <Notice>{texts.stateNever}</Notice>;
  if (status.unsent > 0) return <Notice>{texts.chip.waiting(status.unsent)}</Notice>;
  return <Notice tone="good">{texts.stateDone(format.recent(status.syncedMs))}</Notice>;
}

function Working({ state }: { state: SyncState & { at: "working" } }) {
  const texts = useTexts().sync;
  const { progress } = state;
  if (progress === undefined) return <ProgressBar label={texts.stateWorking} />;
  const { sent, toSend, received, toReceive, charts } = progress;
  const all = received + toReceive;
  return (
    <Card>
      <ProgressBar label={texts.sent(sent, toSend)} value={toSend === 0 ? 1 : sent} max={toSend === 0 ? 1 : toSend} />
      <ProgressBar label={texts.received(received, all)} value={all === 0 ? undefined : received} max={all} />
      {charts > 0 && <p className="quiet">{texts.charts(charts)}</p>}
    </Card>
  );
}

function Standing({ status }: { status: SyncStatus }) {
  const { sync, unlock } = useTexts();
  const format = useFormat();
  const { lease } = status;
  const leaseText = lease === undefined ? undefined : lease.standing === "holds" ? format.dateTime(lease.untilMs) : sync.leaseEnded;
  return (
    <Card title={sync.server}>
      <Facts
        items={[
          [sync.server, <span className="fixed">{status.server}</span>],
          [sync.unsent, sync.unsentLine(status.unsent, format.bytes(status.unsentBytes))],
          [sync.lease, leaseText],
        ]}
      />
      {lease?.standing === "clockBack" && <Notice tone="warn">{unlock.lease.clockBack(lease.behindMinutes ?? 0)}</Notice>}
    </Card>
  );
}

function Report({ report }: { report: SyncReport }) {
  const texts = useTexts().sync;
  const lines = [
    report.conflicts > 0 && texts.reportConflicts(report.conflicts),
    report.quarantined > 0 && texts.reportQuarantined(report.quarantined),
    report.passedOver > 0 && texts.reportPassedOver(report.passedOver),
    report.renewed && texts.reportRenewed,
    report.moved && texts.reportMoved,
  ].filter((line) => line !== false);
  return (
    <Card title={texts.lastReport}>
      <p>{texts.reportLine(report.sent, report.received)}</p>
      {lines.length > 0 && <ul>{lines.map((line) => <li key={line}>{line}</li>)}</ul>}
      {report.heldBack !== undefined && <Notice tone="warn">{texts.heldBack(report.heldBack)}</Notice>}
      {report.refused.length > 0 && (
        <Notice tone="bad" title={texts.refused}>
          <ul>{report.refused.map(({ what, why }) => <li key={what}>{what}: {why}</li>)}</ul>
        </Notice>
      )}
    </Card>
  );
}

/** What nobody has to decide, and somebody has to know: it stays until they say that they do. */
function ToRead() {
  const texts = useTexts().sync.toRead;
  const { passwords, heldAttachments, putAside } = useToRead();
  if (passwords.length === 0 && heldAttachments.length === 0) return null;
  return (
    <Notice tone="warn" title={texts.title} announce actions={<Button onPress={putAside}>{texts.seen}</Button>}>
      {passwords.length > 0 && (
        <>
          <p>{texts.passwords}</p>
          <ul>{passwords.map((words) => <li key={words}>{words}</li>)}</ul>
        </>
      )}
      {heldAttachments.length > 0 && (
        <>
          <p>{texts.attachments(heldAttachments.length)}</p>
          <ul>
            {heldAttachments.map(({ chart, blob, reason }) => (
              <li key={blob}><Link href={`/patients/${chart}/files`}>{texts.chart}</Link>: {reason}</li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}

function Alarms({ alarms }: { alarms: readonly string[] }) {
  const texts = useTexts().sync;
  const seen = useAct((vault) => vault.acknowledgeAlarms(), { writes: false });
  const putAside = async () => {
    const count = await seen.run();
    if (count === undefined) return;
    toast(texts.alarmsPutAside(count));
    await syncNow();
  };
  const actions = <Button isPending={seen.busy} onPress={() => void putAside()}>{texts.alarmsSeen}</Button>;
  return (
    <Notice tone="bad" title={texts.alarms} actions={actions}>
      <ul>{alarms.map((alarm) => <li key={alarm}>{alarm}</li>)}</ul>
      <p>{texts.alarmsExplain}</p>
      <FailureNotice failure={seen.failure} />
    </Notice>
  );
}
