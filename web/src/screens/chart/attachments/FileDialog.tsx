import type { ReactNode } from "react";
import { useFormat, useTexts } from "../../../texts";
import { Button, Dialog, FailureNotice, Notice, ProgressBar } from "../../../ui";
import type { Attachment } from "../../../vault";
import { type HeldPlace, readInPieces } from "./reading";
import { SaveFile } from "./SaveFile";
import { type Reading, useContent } from "./useContent";
import { ContentView } from "./views";

/** Bytes of a file that is shown, at most. Of larger ones a browser on a tablet keeps parts in files of its own, in the clear. */
const SHOWN_BYTES_MAX = 25_000_000;

export interface FileDialogProps {
  chart: string;
  attachment: Attachment;
  onClose(): void;
}

/** A file, opened: shown where this app can, else saved if somebody wants to. */
export function FileDialog({ chart, attachment, onClose }: FileDialogProps) {
  const { place } = attachment;
  if (place.kind === "elsewhere") return <Elsewhere title={attachment.title} url={place.url} onClose={onClose} />;
  const { bytes } = attachment;
  if (place.kind === "sealed" && bytes !== undefined && bytes > SHOWN_BYTES_MAX) {
    const save = (
      <SaveFile
        title={attachment.title}
        type={attachment.contentType}
        read={(vault, onProgress) => readInPieces(vault, chart, place, bytes, onProgress)}
      />
    );
    return <TooLarge attachment={attachment} save={save} onClose={onClose} />;
  }
  return <HeldFile chart={chart} attachment={attachment} place={place} onClose={onClose} />;
}

function Elsewhere({ title, url, onClose }: { title: string; url: string; onClose(): void }) {
  const { files: texts } = useTexts();
  return (
    <Dialog title={title} open onClose={onClose}>
      <p>{texts.elsewhereExplain(url)}</p>
    </Dialog>
  );
}

function TooLarge({ attachment, save, onClose }: { attachment: Attachment; save: ReactNode; onClose(): void }) {
  const { common, files: texts } = useTexts();
  const format = useFormat();
  const actions = (
    <>
      {save}
      <Button onPress={onClose}>{common.close}</Button>
    </>
  );
  return (
    <Dialog title={attachment.title} open onClose={onClose} actions={actions}>
      <AboutFile attachment={attachment} />
      <Notice>{texts.tooLargeToShow(format.bytes(SHOWN_BYTES_MAX))}</Notice>
    </Dialog>
  );
}

function HeldFile({ chart, attachment, place, onClose }: FileDialogProps & { place: HeldPlace }) {
  const { common } = useTexts();
  const reading = useContent(chart, attachment, place);
  const { content } = reading;
  const actions = (
    <>
      {content !== undefined && <SaveFile title={attachment.title} type={content.type} read={() => Promise.resolve(content.blob)} />}
      <Button onPress={onClose}>{common.close}</Button>
    </>
  );
  return (
    <Dialog title={attachment.title} open onClose={onClose} actions={actions} wide>
      <AboutFile attachment={attachment} />
      {content === undefined ? <BeingRead reading={reading} place={place} /> : <ContentView content={content} title={attachment.title} />}
    </Dialog>
  );
}

function BeingRead({ reading, place }: { reading: Reading; place: HeldPlace }) {
  const { common, files: texts } = useTexts();
  const format = useFormat();
  const { progress, failure } = reading;
  const again = <Button icon="sync" onPress={reading.again}>{common.retry}</Button>;
  if (failure?.kind === "offline" || failure?.kind === "offlineNeeded") return <Notice announce actions={again}>{texts.notOnline}</Notice>;
  if (failure !== undefined) return <FailureNotice failure={failure} actions={again} />;
  const fetched = place.kind === "sealed" && !place.onDevice;
  return (
    <ProgressBar
      label={fetched ? texts.fetching : texts.opening}
      value={progress?.done}
      max={progress?.all ?? 0}
      words={progress === undefined ? undefined : texts.progress(format.bytes(progress.done), format.bytes(progress.all))}
    />
  );
}

/** "image/jpeg · 1.4 MB · 3 Feb 2015": what is known before it is opened. */
function AboutFile({ attachment: { contentType, bytes, when } }: { attachment: Attachment }) {
  const format = useFormat();
  const said = [contentType, bytes === undefined ? "" : format.bytes(bytes), when === undefined ? "" : format.dateTime(when)];
  return <p className="quiet small figures">{said.filter((part) => part !== "").join(" · ")}</p>;
}
