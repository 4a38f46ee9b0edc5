import { useState } from "react";
import { saveFile } from "../../../app/files";
import { useAct } from "../../../app/vaultStore";
import { useFormat, useTexts } from "../../../texts";
import { Button, Confirm, FailureNotice, Notice, ProgressBar, toast } from "../../../ui";
import type { BytesProgress, Vault } from "../../../vault";
import { fileName } from "./fileName";

export interface SaveFileProps {
  title: string;
  /** MIME type. */
  type: string;
  read(vault: Vault, onProgress: (progress: BytesProgress) => void): Promise<Blob>;
}

/** Saves a file outside of the vault, after saying that it is open to whoever has it. */
export function SaveFile({ title, type, read }: SaveFileProps) {
  const { files: texts } = useTexts();
  const format = useFormat();
  const [asked, setAsked] = useState(false);
  const [progress, setProgress] = useState<BytesProgress>();
  const reading = useAct((vault) => read(vault, setProgress), { writes: false });
  const close = () => {
    reading.clear();
    setProgress(undefined);
    setAsked(false);
  };
  const save = async () => {
    const content = await reading.run();
    if (content === undefined) return;
    saveFile(fileName(title, type), content);
    close();
    toast(texts.saved);
  };
  return (
    <>
      <Button icon="download" onPress={() => setAsked(true)}>{texts.save}</Button>
      <Confirm title={texts.saveTitle} open={asked} action={texts.save} busy={reading.busy} onConfirm={() => void save()} onCancel={close}>
        <Notice tone="warn">{texts.saveWarning}</Notice>
        {reading.busy && progress !== undefined && (
          <ProgressBar
            label={texts.opening}
            value={progress.done}
            max={progress.all}
            words={texts.progress(format.bytes(progress.done), format.bytes(progress.all))}
          />
        )}
        <FailureNotice failure={reading.failure} />
      </Confirm>
    </>
  );
}
