import { useState } from "react";
import { useQuery } from "../../../app/vaultStore";
import { type Format, type Texts, useFormat, useTexts } from "../../../texts";
import { Badge, type Column, EmptyState, FailureNotice, FileButton, Table, Unanswered } from "../../../ui";
import type { Attachment } from "../../../vault";
import "../../../styles/attachments.css";
import { HeldMark } from "../HeldMark";
import { ResourceMenu } from "../ResourceMenu";
import { AddFileDialog, type Picked } from "./AddFileDialog";
import { CameraButton } from "./CameraButton";
import { FileDialog } from "./FileDialog";
import { kindOf } from "./fileType";

interface Row {
  id: string;
  attachment: Attachment;
}

/** Texts of these types in these records are notes, and read under Notes. */
const NOTES = /^(?:DocumentReference|DiagnosticReport)\//;
const NOTE_TYPES = /^(?:text\/(?:plain|markdown|html)|application\/xhtml\+xml)\s*(?:;|$)/;

/** Photos, PDFs and other files of a chart: which there are, where each is, and adding one. */
export function Attachments({ chart, canWrite }: { chart: string; canWrite: boolean }) {
  const texts = useTexts();
  const format = useFormat();
  const [opened, setOpened] = useState<Attachment>();
  const [picked, setPicked] = useState<Picked>();
  const { data, failure } = useQuery("attachments", (vault) => vault.attachments(chart), [chart]);
  if (data === undefined) return <Unanswered failure={failure} />;
  const add = canWrite ? <AddButtons onPick={setPicked} /> : undefined;
  const rows = rowsOf(data);
  return (
    <div className="stack">
      <FailureNotice failure={failure} />
      {rows.length > 0 && add}
      <Table
        caption={texts.files.caption}
        columns={columnsOf(texts, format)}
        rows={rows}
        rowId={({ id }) => id}
        onOpen={({ attachment }) => setOpened(attachment)}
        rowName={({ attachment }) => attachment.title}
        empty={<EmptyState icon="attachment" title={texts.files.none} actions={add}>{texts.files.noneExplain}</EmptyState>}
      />
      {opened !== undefined && <FileDialog chart={chart} attachment={opened} onClose={() => setOpened(undefined)} />}
      {picked !== undefined && <AddFileDialog chart={chart} picked={picked} onClose={() => setPicked(undefined)} />}
    </div>
  );
}

function AddButtons({ onPick }: { onPick(picked: Picked): void }) {
  const { files: texts } = useTexts();
  return (
    <div className="row">
      <CameraButton onPhoto={(file) => onPick({ file, photo: true })}>{texts.takePhoto}</CameraButton>
      <FileButton
        icon="attachment"
        onFiles={([file]) => {
          if (file !== undefined) onPick({ file, photo: false });
        }}
      >
        {texts.choose}
      </FileButton>
    </div>
  );
}

function columnsOf({ common, files: texts }: Texts, format: Format): Column<Row>[] {
  return [
    {
      id: "title",
      name: texts.title,
      render: ({ attachment }) => attachment.title,
      compare: (a, b) => format.compare(a.attachment.title, b.attachment.title),
    },
    { id: "kind", name: texts.kind, render: ({ attachment }) => texts.kinds[kindOf(attachment.contentType)], wideOnly: true },
    {
      id: "size",
      name: texts.size,
      render: ({ attachment: { bytes } }) => (bytes === undefined ? common.notRecorded : format.bytes(bytes)),
      numeric: true,
      wideOnly: true,
    },
    {
      id: "when",
      name: texts.when,
      render: ({ attachment: { when } }) => (when === undefined ? common.notRecorded : format.dateTime(when)),
    },
    { id: "state", name: texts.state, render: ({ attachment }) => <State attachment={attachment} /> },
    { id: "menu", name: common.more, render: ({ attachment: { held, title } }) => <ResourceMenu held={held} what={title} /> },
  ];
}

/** Where the file is, and how far the record of it has come. */
function State({ attachment: { held, place } }: { attachment: Attachment }) {
  const { files: texts } = useTexts();
  return (
    <span className="file-state">
      {place.kind === "sealed" && !place.onDevice && <Badge icon="cloud">{texts.onServer}</Badge>}
      {place.kind === "elsewhere" && <Badge icon="share">{texts.elsewhere}</Badge>}
      <HeldMark held={held} />
    </span>
  );
}

/** Several files may be of one record; they keep their order in it. */
function rowsOf(attachments: readonly Attachment[]): Row[] {
  const counts = new Map<string, number>();
  return attachments.filter((attachment) => !isNote(attachment)).map((attachment) => {
    const { key } = attachment.held;
    const number = counts.get(key) ?? 0;
    counts.set(key, number + 1);
    return { id: `${key} ${number}`, attachment };
  });
}

function isNote({ held, contentType, place }: Attachment): boolean {
  return place.kind === "inline" && NOTE_TYPES.test(contentType) && NOTES.test(held.key);
}
