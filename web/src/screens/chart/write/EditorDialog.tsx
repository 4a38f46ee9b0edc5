import { type FormEvent, useId, useRef } from "react";
import { useFormat, useTexts } from "../../../texts";
import { useKindNames } from "../../../texts/records";
import { Button, Dialog, FailureNotice, Notice, toast, Unanswered } from "../../../ui";
import type { ChartPage } from "../../../vault";
import "../../../styles/write.css";
import { useWho } from "../who";
import { EditorNotices, SavedBefore } from "./EditorNotices";
import type { FormName } from "./form";
import { FORMS } from "./forms";
import type { Work } from "./opening";
import { RecordMenu } from "./RecordMenu";
import { SavedPane } from "./SavedPane";
import { type Editor, useEditor } from "./useEditor";

export interface EditorDialogProps {
  chart: string;
  /** `Type/id` of the record to edit; absent for a new one. */
  resourceKey?: string | undefined;
  form?: FormName | undefined;
  onClose(): void;
}

/** Writes a new record, or changes one. What is typed is a draft until it is saved, however the window is left. */
export function EditorDialog({ chart, resourceKey, form, onClose }: EditorDialogProps) {
  const { common, write: texts } = useTexts();
  const format = useFormat();
  const kindName = useKindNames();
  const editor = useEditor({ chart, resourceKey, form });
  const formId = useId();
  const formElement = useRef<HTMLFormElement>(null);
  const { work, saving } = editor;

  const title = resourceKey === undefined
    ? texts.titleNew(texts.kinds[form ?? "fhir"])
    : texts.titleEdit(kindName(resourceKey.split("/")[0] ?? resourceKey));

  const close = async () => {
    if (saving.busy) return;
    const { all, keptMs } = await editor.keep();
    if (!all) return;
    if (keptMs !== undefined && !editor.done) toast(texts.draftKept(format.time(keptMs)));
    onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await editor.save()) return;
    // After it is drawn with its errors.
    requestAnimationFrame(() => formElement.current?.querySelector<HTMLElement>("[data-invalid] :is(input, textarea, button)")?.focus());
  };

  const afterwards = (
    <>
      {resourceKey === undefined && <Button icon="add" onPress={editor.startAnew}>{texts.savedMore}</Button>}
      <Button variant="primary" autoFocus onPress={onClose}>{common.close}</Button>
    </>
  );
  const writing = (
    <>
      {work?.base !== undefined && (
        <RecordMenu
          chart={chart}
          work={work}
          base={work.base}
          onText={editor.goOnWith}
          onGone={() => {
            editor.finished();
            onClose();
          }}
        />
      )}
      <Button onPress={() => void close()} isDisabled={saving.busy}>{common.close}</Button>
      <Button type="submit" form={formId} variant="primary" isPending={saving.busy} isDisabled={work === undefined}>
        {saving.busy ? common.saving : texts.save}
      </Button>
    </>
  );
  const wide = work === undefined || FORMS[work.form].wide;
  return (
    <Dialog title={title} open onClose={() => void close()} actions={editor.done ? afterwards : writing} wide={wide}>
      {editor.beginning === undefined && <Unanswered failure={editor.failure} />}
      {editor.beginning !== undefined && <ForWhom page={editor.beginning.page} />}
      {editor.done && <h3>{texts.savedTitle}</h3>}
      {editor.done && <SavedPane chart={chart} saved={editor.saved} />}
      {work !== undefined && !editor.done && (
        <form id={formId} ref={formElement} className="stack" noValidate onSubmit={(event) => void submit(event)}>
          <EditorNotices editor={editor} work={work} />
          <FormView editor={editor} work={work} />
          {Object.keys(editor.faults).length > 0 && <Notice tone="bad">{texts.checkMarked}</Notice>}
          {editor.saved.length > 0 && <Notice tone="warn">{texts.savedPart(editor.saved.length)}</Notice>}
          {editor.savedBefore === undefined
            ? <FailureNotice failure={saving.failure} />
            : <SavedBefore editor={editor} resourceKey={editor.savedBefore} />}
          {editor.unkept && <Unkept onLeave={onClose} />}
          {editor.keptMs !== undefined && <p className="quiet small">{texts.draftKept(format.time(editor.keptMs))}</p>}
        </form>
      )}
    </Dialog>
  );
}

/** In whose chart it is written: the banner is behind the window. */
function ForWhom({ page }: { page: ChartPage }) {
  const { write: texts } = useTexts();
  const who = useWho();
  const name = who.name(page);
  return (
    <p className="write-patient">
      <span className="visually-hidden">{`${texts.patientLabel}: `}</span>
      {page.role === "patient" ? texts.forPatient(name, who.day(page.banner.born)) : name}
    </p>
  );
}

function FormView({ editor, work }: { editor: Editor; work: Work }) {
  const { View } = FORMS[work.form];
  return (
    <View
      fields={work.fields}
      faults={editor.faults}
      shows={(name) => !work.hidden.includes(name)}
      editing={work.base !== undefined}
      onChange={editor.change}
    />
  );
}

function Unkept({ onLeave }: { onLeave(): void }) {
  const { errors, write: texts } = useTexts();
  return <Notice tone="bad" actions={<Button variant="danger" onPress={onLeave}>{texts.leaveUnkept}</Button>}>{errors.draftsNotSealed}</Notice>;
}
