import { useState } from "react";
import { useFormat, useTexts } from "../../../texts";
import { Button, Confirm, Notice } from "../../../ui";
import { useChartActions } from "../chartActions";
import { type Work, whyText } from "./opening";
import type { Editor } from "./useEditor";

/** What there is to know before somebody writes on. */
export function EditorNotices({ editor, work }: { editor: Editor; work: Work }) {
  const { write: texts } = useTexts();
  const format = useFormat();
  const why = whyText(work);
  return (
    <>
      {editor.restoredMs !== undefined && (
        <Notice announce actions={<DropDraft editor={editor} />}>{texts.draftRestored(format.recent(editor.restoredMs))}</Notice>
      )}
      {editor.beginning?.draftUnreadable === true && <Notice tone="warn">{texts.draftUnreadable}</Notice>}
      {editor.changedMeanwhile && <Notice tone="warn" announce>{texts.changedMeanwhile}</Notice>}
      {why !== undefined && <Notice>{texts[why]}</Notice>}
      {work.hidden.length > 0 && work.form !== "vitals" && <Notice>{texts.someHidden}</Notice>}
    </>
  );
}

/** The new record is in the chart already, and not as it is typed here: which of the two holds is up to a person. */
export function SavedBefore({ editor, resourceKey }: { editor: Editor; resourceKey: string }) {
  const { write: texts } = useTexts();
  const { edit } = useChartActions();
  const actions = (
    <>
      <Button icon="edit" onPress={() => edit(resourceKey)}>{texts.savedBeforeOpen}</Button>
      <DropDraft editor={editor} />
    </>
  );
  return <Notice tone="warn" title={texts.savedBefore} actions={actions} announce>{texts.savedBeforeExplain}</Notice>;
}

/** Throws what is typed away, after asking. */
function DropDraft({ editor }: { editor: Editor }) {
  const { write: texts } = useTexts();
  const [asked, setAsked] = useState(false);
  const drop = async () => {
    await editor.dropDraft();
    setAsked(false);
  };
  return (
    <>
      <Button icon="trash" onPress={() => setAsked(true)}>{texts.draftDrop}</Button>
      <Confirm title={texts.draftDropTitle} open={asked} action={texts.draftDrop} danger onConfirm={() => void drop()} onCancel={() => setAsked(false)}>
        <p>{texts.draftDropExplain}</p>
      </Confirm>
    </>
  );
}
