// A file on the screen, each kind in its own way. Nothing of it is written anywhere.

import { useState } from "react";
import { useFormat, useTexts } from "../../../texts";
import { Button, classes, Notice } from "../../../ui";
import { TEXT_BYTES_MAX } from "./fileType";
import type { Content } from "./useContent";
import { useObjectUrl } from "./useObjectUrl";

interface ViewProps {
  content: Content;
  title: string;
}

export function ContentView({ content, title }: ViewProps) {
  switch (content.kind) {
    case "image":
      return <Picture content={content} title={title} />;
    case "pdf":
      return <Pdf content={content} title={title} />;
    case "text":
      return <PlainText content={content} title={title} />;
    case "film":
    case "other":
      return <NoView />;
  }
}

/** In its whole at first; in full size it scrolls, by keyboard too. */
function Picture({ content, title }: ViewProps) {
  const { files: texts } = useTexts();
  const url = useObjectUrl(content.blob);
  const [full, setFull] = useState(false);
  const [unread, setUnread] = useState(false);
  if (unread) return <NoView />;
  return (
    <>
      <div className="row">
        <Button icon="search" onPress={() => setFull(!full)}>{full ? texts.fit : texts.actualSize}</Button>
      </div>
      <div className={classes("file-picture", full && "file-picture-full")} role="group" aria-label={title} tabIndex={0}>
        <img src={url} alt={title} onError={() => setUnread(true)} />
      </div>
    </>
  );
}

/** By the browser's own viewer. One without it would save the file, unasked. */
function Pdf({ content, title }: ViewProps) {
  const { files: texts } = useTexts();
  const url = useObjectUrl(content.blob);
  if (!navigator.pdfViewerEnabled) return <Notice tone="neutral">{texts.noPdf}</Notice>;
  return url === undefined ? null : <iframe className="file-pdf" src={url} title={title} />;
}

function PlainText({ content, title }: ViewProps) {
  const { files: texts } = useTexts();
  const format = useFormat();
  return (
    <>
      {content.blob.size > TEXT_BYTES_MAX && <Notice>{texts.longText(format.bytes(TEXT_BYTES_MAX))}</Notice>}
      <pre className="file-text" role="group" aria-label={texts.textLabel(title)} tabIndex={0}>{content.text}</pre>
    </>
  );
}

function NoView() {
  return <Notice tone="neutral">{useTexts().files.noView}</Notice>;
}
