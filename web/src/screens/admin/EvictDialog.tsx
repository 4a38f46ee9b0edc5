import { useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { useChartTitles } from "../../texts/records";
import { Button, Confirm, Dialog, FailureNotice, Notice, toast } from "../../ui";
import { type CaseloadChart, type CaseloadForm, failureOf } from "../../vault";

export interface EvictDialogProps {
  chart: CaseloadChart;
  /** What this device holds without it. */
  rest: CaseloadForm;
  onDone(): void;
  onClose(): void;
}

/** Takes a chart out of what this device holds, and off the device at once where nothing speaks against it. */
export function EvictDialog({ chart, rest, onDone, onClose }: EvictDialogProps) {
  const { admin, common } = useTexts();
  const words = admin.caseload;
  const title = useChartTitles();
  const name = chart.patient === undefined ? words.notYet : title(chart.patient);
  const [stays, setStays] = useState(false);
  const act = useAct(async (vault) => {
    await vault.setCaseload(rest);
    try {
      await vault.evict(chart.chart);
    } catch (error) {
      // It is no longer held by its name; an exchange takes it away when it has been sent and no team brings it.
      if (failureOf(error).kind === "conflict") return "stays";
      throw error;
    }
    return "gone";
  });
  const evict = async () => {
    const done = await act.run();
    if (done === undefined) return;
    onDone();
    if (done === "stays") return setStays(true);
    toast(words.evicted);
    onClose();
  };
  if (stays) {
    return (
      <Dialog title={words.evictTitle(name)} open onClose={onClose} actions={<Button onPress={onClose}>{common.close}</Button>}>
        <Notice announce>{words.evictStays}</Notice>
      </Dialog>
    );
  }
  return (
    <Confirm
      title={words.evictTitle(name)}
      open
      action={words.evict}
      danger
      busy={act.busy}
      onConfirm={() => void evict()}
      onCancel={onClose}
    >
      <p>{words.evictExplain}</p>
      <FailureNotice failure={act.failure} />
    </Confirm>
  );
}
