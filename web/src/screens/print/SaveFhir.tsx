import { useState } from "react";
import { saveFile } from "../../app/files";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { choices, Confirm, Dialog, FailureNotice, Menu, Notice, toast } from "../../ui";
import type { ExportedText } from "../../vault";

type What = "summary" | "chart";

/** Saves the chart as a FHIR file, after saying that the file is open to whoever has it. */
export function SaveFhir({ chart }: { chart: string }) {
  const words = useTexts().print;
  const [what, setWhat] = useState<What>();
  const [saved, setSaved] = useState<ExportedText>();
  const act = useAct((vault, wanted: What) => (wanted === "summary" ? vault.exportSummary(chart) : vault.exportChart(chart)), { writes: false });
  const close = () => {
    act.clear();
    setWhat(undefined);
  };
  const save = async () => {
    const exported = what === undefined ? undefined : await act.run(what);
    if (exported === undefined) return;
    saveFile(exported.name, new Blob([exported.text], { type: "application/fhir+json" }));
    setWhat(undefined);
    // A file that lacks something says so in a window that stays until somebody has read it.
    if (exported.conflicts > 0 || exported.leftOut > 0) setSaved(exported);
    else toast(words.saved(exported.name, exported.resources));
  };
  const entries = choices(["summary", "chart"], words.save, words.saveExplain);
  return (
    <>
      <Menu icon="download" entries={entries} onAction={setWhat}>{words.saveFhir}</Menu>
      <Confirm
        title={words.saveTitle}
        open={what !== undefined}
        action={words.saveDo}
        busy={act.busy}
        onConfirm={() => void save()}
        onCancel={close}
      >
        <Notice tone="warn" title={words.saveClear}>{words.saveClearExplain}</Notice>
        {what !== undefined && <p>{words.saveExplain[what]}</p>}
        <FailureNotice failure={act.failure} />
      </Confirm>
      <Dialog title={words.savedTitle} open={saved !== undefined} onClose={() => setSaved(undefined)}>
        {saved !== undefined && <Saved exported={saved} />}
      </Dialog>
    </>
  );
}

function Saved({ exported: { name, resources, conflicts, leftOut } }: { exported: ExportedText }) {
  const words = useTexts().print;
  return (
    <>
      <p>{words.saved(name, resources)}</p>
      {conflicts > 0 && <Notice tone="warn">{words.savedConflicts(conflicts)}</Notice>}
      {leftOut > 0 && <Notice tone="warn">{words.savedLeftOut(leftOut)}</Notice>}
    </>
  );
}
