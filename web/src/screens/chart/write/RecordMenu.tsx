import { useMemo, useState } from "react";
import { useAct } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Confirm, FailureNotice, Menu, type MenuEntry, toast } from "../../../ui";
import type { Vault } from "../../../vault";
import { type Base, draftKey } from "./drafts";
import { enteredInError } from "./enteredInError";
import { asText, type Work } from "./opening";

interface RecordMenuProps {
  chart: string;
  work: Work;
  /** The record as it was when the editor was opened. */
  base: Base;
  onText(work: Work): void;
  /** The record was deleted or marked: there is nothing left to edit. */
  onGone(): void;
}

type Entry = "text" | "error" | "remove";

/** What can be done with a record that is there already, besides changing it. */
export function RecordMenu({ chart, work, base, onText, onGone }: RecordMenuProps) {
  const { write: texts } = useTexts();
  const [asked, setAsked] = useState<"error" | "remove">();
  const marked = useMemo(() => enteredInError(base.text), [base]);
  /** The editor closes first: it would seal what is typed once more. */
  const gone = (vault: Vault) => {
    onGone();
    return vault.dropDraft(draftKey({ chart, resourceKey: base.key }));
  };
  const remove = useAct(async (vault) => {
    await vault.remove(chart, base.key, base.versions);
    toast(texts.removed);
    await gone(vault);
  });
  const mark = useAct(async (vault) => {
    if (marked === undefined) return;
    await vault.put(chart, marked, { key: base.key, versions: base.versions });
    toast(texts.enteredInErrorDone);
    await gone(vault);
  });

  const entries: MenuEntry<Entry>[] = [];
  if (work.form !== "fhir") entries.push({ id: "text", label: texts.asText, description: texts.asTextExplain, icon: "edit" });
  if (marked !== undefined) entries.push({ id: "error", label: texts.enteredInError, icon: "alert" });
  // A chart without its patient would be nobody's.
  if (!base.key.startsWith("Patient/")) entries.push({ id: "remove", label: texts.remove, icon: "trash", danger: true });
  if (entries.length === 0) return null;
  const act = (id: Entry) => {
    const text = id === "text" ? asText(work) : undefined;
    if (text !== undefined) onText(text);
    if (id !== "text") setAsked(id);
  };
  return (
    <>
      <Menu variant="quiet" icon="more" entries={entries} onAction={act}>{texts.more}</Menu>
      <Confirm
        title={texts.removeTitle}
        open={asked === "remove"}
        action={texts.remove}
        danger
        busy={remove.busy}
        onConfirm={() => void remove.run()}
        onCancel={() => setAsked(undefined)}
      >
        <p>{texts.removeExplain}</p>
        <FailureNotice failure={remove.failure} />
      </Confirm>
      <Confirm
        title={texts.enteredInErrorTitle}
        open={asked === "error"}
        action={texts.enteredInError}
        busy={mark.busy}
        onConfirm={() => void mark.run()}
        onCancel={() => setAsked(undefined)}
      >
        <p>{texts.enteredInErrorExplain}</p>
        <FailureNotice failure={mark.failure} />
      </Confirm>
    </>
  );
}
