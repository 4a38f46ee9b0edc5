import { useState } from "react";
import { useAct, useMe } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Dialog, FailureNotice, FileButton, ProgressBar } from "../../ui";
import type { ImportProgress, ImportReport } from "../../vault";
import { ImportOutcome } from "./ImportOutcome";
import { emptyPatient } from "./newPatient";
import { TeamField } from "./PatientFields";

const KINDS = [".json", ".ndjson", "application/json", "application/fhir+json", "application/fhir+ndjson"];

/** Reads FHIR files of this computer into charts. The files stay where they are. */
export function ImportDialog({ onClose }: { onClose(): void }) {
  const { common, patients: texts } = useTexts();
  const format = useFormat();
  const { teams } = useMe();
  const [files, setFiles] = useState<readonly File[]>([]);
  const [team, setTeam] = useState(emptyPatient(teams).team);
  const [tried, setTried] = useState(false);
  const [progress, setProgress] = useState<ImportProgress>();
  const [report, setReport] = useState<ImportReport>();
  const reading = useAct(
    async (vault) => {
      const contents = await Promise.all(files.map(async (file) => new Uint8Array(await file.arrayBuffer())));
      const names = files.map(({ name }) => name);
      return vault.importFiles(names, contents, team === "" || team === null ? undefined : team, setProgress);
    },
    { repeatable: true },
  );

  const start = async () => {
    setTried(true);
    if (team === null) return;
    setProgress(undefined);
    const done = await reading.run();
    if (done === undefined) return;
    setReport(done);
    setFiles([]);
  };
  /** What an import has begun it finishes, and its report would be lost. */
  const close = () => {
    if (!reading.busy) onClose();
  };
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const actions = (
    <>
      <Button onPress={close} isDisabled={reading.busy}>{report === undefined ? common.cancel : common.close}</Button>
      {(report === undefined || files.length > 0) && (
        <Button variant="primary" icon="upload" isDisabled={files.length === 0} isPending={reading.busy} onPress={() => void start()}>
          {texts.importStart}
        </Button>
      )}
    </>
  );
  return (
    <Dialog title={texts.importTitle} open onClose={close} actions={actions} wide urgent={reading.busy}>
      <p className="quiet">{texts.importExplain}</p>
      {!reading.busy && (
        <div className="row">
          <FileButton accept={KINDS} multiple icon="attachment" onFiles={setFiles}>
            {report === undefined ? texts.importChoose : texts.importMore}
          </FileButton>
          {files.length > 0 && <span className="figures">{texts.importChosen(files.length, format.bytes(bytes))}</span>}
        </div>
      )}
      {!reading.busy && report === undefined && <TeamField teams={teams} team={team} tried={tried} onChange={setTeam} />}
      {reading.busy && (
        <div className="stack-small">
          <ProgressBar
            label={progress?.file ?? common.loading}
            value={progress?.filesDone}
            max={progress?.files ?? 0}
            words={progress === undefined ? undefined : texts.importing(progress.filesDone, progress.files)}
          />
          {progress !== undefined && <p className="quiet small figures">{texts.importCounted(progress.resources)}</p>}
        </div>
      )}
      <FailureNotice failure={reading.failure} />
      {report !== undefined && !reading.busy && <ImportOutcome report={report} />}
    </Dialog>
  );
}
