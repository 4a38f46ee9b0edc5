import { useState } from "react";
import { useQuery, useVaultLine } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Badge, Button, Card, Checkbox, type Column, Facts, Table } from "../../ui";
import type { Device, Vault } from "../../vault";
import { Answer } from "./Answer";
import { CaseloadCard } from "./CaseloadCard";
import { AdminsOnly, useIsAdmin } from "./directory";
import { DirectoryConfirm } from "./DirectoryConfirm";

/** Every device that was let in; how this one stands, and what it holds. */
export function Devices() {
  const { admin } = useTexts();
  const words = admin.devices;
  const isAdmin = useIsAdmin();
  const query = useQuery("devices", (vault) => vault.devices());
  const [retiredToo, setRetiredToo] = useState(false);
  const [retiring, setRetiring] = useState<Device>();
  return (
    <>
      <ThisDevice name={query.data?.find(({ here }) => here)?.name} />
      <CaseloadCard />
      <Card title={admin.sections.devices}>
        <p className="quiet">{words.lead} {words.others}</p>
        {!isAdmin && <AdminsOnly />}
        <Answer query={query}>
          {(devices) => (
            <>
              {!devices.every(({ enrolled }) => enrolled) && <Checkbox selected={retiredToo} onChange={setRetiredToo}>{words.retiredToo}</Checkbox>}
              <DeviceTable devices={devices.filter(({ enrolled }) => retiredToo || enrolled)} onRetire={setRetiring} />
            </>
          )}
        </Answer>
      </Card>
      {retiring !== undefined && <RetireDevice device={retiring} onClose={() => setRetiring(undefined)} />}
    </>
  );
}

function ThisDevice({ name }: { name: string | undefined }) {
  const words = useTexts().admin.devices;
  const format = useFormat();
  const { server, lease, syncedMs, unsent } = useVaultLine();
  const until = lease === undefined || lease.standing !== "holds" ? words.aloneEnded : format.dateTime(lease.untilMs);
  const exchange = [
    [words.lastExchange, syncedMs === undefined ? words.never : format.recent(syncedMs)],
    [words.unsent, words.unsentCount(unsent)],
    [words.aloneUntil, until],
  ] as const;
  return (
    <Card title={words.thisDevice}>
      <Facts items={[[words.name, name], ...(server === undefined ? [] : exchange)]} />
      {server === undefined && <p className="quiet">{words.noServer}</p>}
    </Card>
  );
}

function DeviceTable({ devices, onRetire }: { devices: readonly Device[]; onRetire(device: Device): void }) {
  const { admin } = useTexts();
  const words = admin.devices;
  const format = useFormat();
  const change: Column<Device> = {
    id: "actions",
    name: words.actions,
    render(device) {
      if (!device.enrolled) return null;
      if (device.here) return <span className="quiet small">{words.retireHere}</span>;
      return <Button variant="quiet" icon="trash" onPress={() => onRetire(device)} aria-label={words.retireLabel(device.name)}>{words.retire}</Button>;
    },
  };
  const columns: Column<Device>[] = [
    { id: "name", name: words.name, compare: (a, b) => format.compare(a.name, b.name), render: ({ name }) => name },
    { id: "state", name: words.state, render: (device) => <DeviceState device={device} /> },
    ...(useIsAdmin() ? [change] : []),
  ];
  return <Table caption={admin.sections.devices} columns={columns} rows={devices} rowId={({ id }) => id} />;
}

function DeviceState({ device }: { device: Device }) {
  const words = useTexts().admin.devices;
  if (!device.enrolled) return <Badge>{words.retired}</Badge>;
  if (device.here) return <Badge tone="info" icon="device">{words.here}</Badge>;
  return <Badge tone="good" icon="check">{words.enrolled}</Badge>;
}

function RetireDevice({ device, onClose }: { device: Device; onClose(): void }) {
  const words = useTexts().admin.devices;
  const retire = async (vault: Vault) => {
    await vault.retireDevice(device.id);
    return words.retireDone(device.name);
  };
  return (
    <DirectoryConfirm title={words.retireTitle(device.name)} action={words.retire} change={retire} onClose={onClose}>
      <p>{words.retireDoes}</p>
      <p>{words.retireLimits}</p>
      <p>{words.retireUnsent}</p>
    </DirectoryConfirm>
  );
}
