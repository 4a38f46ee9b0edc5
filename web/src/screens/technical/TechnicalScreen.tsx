// Versions, hashes and checks, for whoever looks after devices. The one page that speaks of epochs, hashes and the log.

import { useEffect, useState } from "react";
import { useQuery } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Card, Facts, FailureNotice, PageHeader } from "../../ui";
import { isPersisted, storageRoom, type Technical } from "../../vault";
import { Checks } from "./Checks";
import { ProgramCard } from "./ProgramCard";

export default function TechnicalScreen() {
  const texts = useTexts().technical;
  const { data, failure } = useQuery("technical", (vault) => vault.technical());
  return (
    <>
      <PageHeader title={texts.title} lead={texts.lead} />
      <FailureNotice failure={failure} />
      <div className="columns">
        <ProgramCard />
        {data !== undefined && <DeviceCard data={data} />}
        <StorageCard data={data} />
        {data !== undefined && <LogCard data={data} />}
      </div>
      <Checks withServer={data?.server !== undefined} />
    </>
  );
}

function DeviceCard({ data }: { data: Technical }) {
  const texts = useTexts().technical;
  const format = useFormat();
  const failed = data.failedAttemptsMs.map((ms) => format.dateTime(ms));
  return (
    <Card title={texts.device}>
      <Facts
        items={[
          [texts.version, data.version],
          [texts.deviceName, data.deviceName],
          [texts.deviceId, <span className="fixed">{data.device}</span>],
          [texts.organisation, <span className="fixed">{data.organisation}</span>],
          [texts.passwords, data.passwords],
          [texts.failedAttempts, failed.length === 0 ? String(data.failedAttempts) : `${data.failedAttempts}: ${format.list(failed)}`],
        ]}
      />
    </Card>
  );
}

function LogCard({ data }: { data: Technical }) {
  const texts = useTexts().technical;
  const { log } = data;
  return (
    <Card title={texts.directory}>
      <Facts
        items={[
          [texts.directoryHead, <span className="fixed">{data.directoryHead}</span>],
          [texts.statements, data.statements],
          [texts.members, data.members],
          [texts.devices, data.devices],
        ]}
      />
      {log !== undefined && (
        <>
          <h3>{texts.log}</h3>
          <Facts
            items={[
              [texts.generation, log.generation],
              [texts.logSize, log.size],
              [texts.checkpoint, <pre className="fixed">{log.checkpoint}</pre>],
            ]}
          />
        </>
      )}
    </Card>
  );
}

type Room = Awaited<ReturnType<typeof storageRoom>>;

function StorageCard({ data }: { data: Technical | undefined }) {
  const { common, sync, technical: texts } = useTexts();
  const format = useFormat();
  const [browser, setBrowser] = useState<{ kept: boolean; room: Room }>();
  useEffect(() => {
    let current = true;
    void Promise.all([isPersisted(), storageRoom()]).then(([kept, room]) => {
      if (current) setBrowser({ kept, room });
    });
    return () => {
      current = false;
    };
  }, []);
  const storage = data?.storage;
  const roomOf = ({ room }: { room: Room }) =>
    room === undefined ? common.notKnown : texts.usedOf(format.bytes(room.used), format.bytes(room.all));
  const kept = browser?.kept === true ? texts.persistedYes : texts.persistedNo;
  return (
    <Card title={texts.storage}>
      <Facts
        items={[
          [texts.persisted, browser === undefined ? undefined : kept],
          [texts.used, browser && roomOf(browser)],
          [texts.charts, storage?.charts],
          [texts.resources, storage?.resources],
          [sync.unsent, storage === undefined ? undefined : sync.unsentLine(storage.unsent, format.bytes(storage.unsentBytes))],
        ]}
      />
    </Card>
  );
}
