import { type FormEvent, useEffect, useId, useState } from "react";
import { useEditing } from "../../../app/editing";
import { useAct } from "../../../app/vaultStore";
import { useFormat, useTexts } from "../../../texts";
import { Button, Dialog, Facts, FailureNotice, Notice, ProgressBar, TextField, toast } from "../../../ui";
import { type BytesProgress, type Failure, failureOf } from "../../../vault";
import { type Prepared, prepare } from "./prepare";
import { useObjectUrl } from "./useObjectUrl";

/** A file is held whole, by this page and by the vault, while it is sealed: a tablet has no memory for more. */
const ADDED_BYTES_MAX = 200_000_000;

/** What somebody chose or took a photo of. */
export interface Picked {
  file: File;
  photo: boolean;
}

export interface AddFileDialogProps {
  chart: string;
  picked: Picked;
  onClose(): void;
}

/** Looks at a file before it goes into the chart: a title, and for pictures what they show and what is taken out of them. */
export function AddFileDialog({ chart, picked: { file, photo }, onClose }: AddFileDialogProps) {
  const { common, files: texts } = useTexts();
  const format = useFormat();
  const form = useId();
  const [title, setTitle] = useState(photo ? texts.photoName(format.dateTime(Date.now())) : file.name);
  const [tried, setTried] = useState(false);
  const [progress, setProgress] = useState<BytesProgress>();
  const tooLarge = file.size > ADDED_BYTES_MAX ? texts.tooLarge(format.bytes(ADDED_BYTES_MAX)) : undefined;
  const fault = file.size === 0 ? texts.empty : tooLarge;
  const { prepared, failure } = usePrepared(fault === undefined ? file : undefined);
  const adding = useAct(async (vault, { content }: Prepared) => {
    const bytes = new Uint8Array(await content.arrayBuffer());
    return vault.attach(chart, bytes, title.trim(), undefined, setProgress);
  });
  // There is nothing to seal, the file is too large for a draft: this keeps a new version of the app waiting.
  useEditing(texts.addTitle, () => Promise.resolve());

  const close = () => {
    if (!adding.busy) onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (prepared === undefined || title.trim() === "") return;
    setProgress(undefined);
    const added = await adding.run(prepared);
    if (added === undefined) return;
    toast(added.again ? texts.again : texts.added);
    onClose();
  };
  const actions = (
    <>
      <Button onPress={close} isDisabled={adding.busy}>{common.cancel}</Button>
      <Button type="submit" form={form} variant="primary" isDisabled={prepared === undefined} isPending={adding.busy}>
        {prepared?.metadata === "remain" ? texts.addAnyway : texts.add}
      </Button>
    </>
  );
  return (
    <Dialog title={photo ? texts.addPhotoTitle : texts.addTitle} open onClose={close} actions={actions} urgent={adding.busy}>
      <form id={form} className="stack" noValidate onSubmit={(event) => void submit(event)}>
        {fault !== undefined && <Notice tone="bad">{fault}</Notice>}
        {fault === undefined && prepared === undefined && failure === undefined && <p className="quiet" role="status">{texts.reading}</p>}
        <FailureNotice failure={failure} />
        {prepared !== undefined && <AboutPrepared prepared={prepared} />}
        <TextField
          label={texts.title}
          description={texts.nameExplain}
          value={title}
          error={tried && title.trim() === "" ? common.required : undefined}
          onChange={setTitle}
          isDisabled={adding.busy}
        />
        {adding.busy && (
          <ProgressBar
            label={texts.sealing}
            value={progress?.done}
            max={progress?.all ?? 0}
            words={progress === undefined ? undefined : format.percent(progress.done, progress.all)}
          />
        )}
        <FailureNotice failure={adding.failure} />
      </form>
    </Dialog>
  );
}

function AboutPrepared({ prepared }: { prepared: Prepared }) {
  const { files: texts } = useTexts();
  const format = useFormat();
  const { content, kind, type, metadata } = prepared;
  const what = kind === "other" ? texts.kinds.other : `${texts.kinds[kind]} (${type})`;
  return (
    <>
      {metadata === "removed" && <Preview picture={content} />}
      <Facts items={[[texts.kind, what], [texts.size, format.bytes(content.size)]]} />
      {metadata === "removed" && <p className="quiet small">{`${texts.metadata} ${texts.smaller}`}</p>}
      {metadata === "remain" && <Notice tone="warn">{kind === "film" ? texts.cannotCleanFilm : texts.cannotClean}</Notice>}
    </>
  );
}

function Preview({ picture }: { picture: Blob }) {
  const { files: texts } = useTexts();
  const url = useObjectUrl(picture);
  return <img className="file-preview" src={url} alt={texts.preview} />;
}

/** Reads a file as soon as it was picked. */
function usePrepared(file: File | undefined): { prepared: Prepared | undefined; failure: Failure | undefined } {
  const [prepared, setPrepared] = useState<Prepared>();
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    if (file === undefined) return undefined;
    let current = true;
    prepare(file).then(
      (done) => current && setPrepared(done),
      (error: unknown) => current && setFailure(failureOf(error)),
    );
    return () => {
      current = false;
    };
  }, [file]);
  return { prepared, failure };
}
