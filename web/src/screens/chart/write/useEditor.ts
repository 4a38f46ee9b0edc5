import { useRef, useState } from "react";
import { sealDrafts, useEditing } from "../../../app/editing";
import { type Act, changed, currentVault, useAct, useMe, useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import type { Failure } from "../../../vault";
import { draftKey, draftText, type EditorPlace } from "./drafts";
import type { Faults, Fields } from "./form";
import { FORMS } from "./forms";
import { anew, begin, type Beginning, type Work } from "./opening";
import { keyThere, putOnce } from "./putOnce";
import type { Saved } from "./SavedPane";

export interface Editor {
  /** Absent until the vault has answered. */
  beginning: Beginning | undefined;
  failure: Failure | undefined;
  work: Work | undefined;
  faults: Faults;
  /** Set while what is on the screen came from a draft that nobody has gone on with yet. */
  restoredMs: number | undefined;
  keptMs: number | undefined;
  /** Others have changed the record since it was opened here. */
  changedMeanwhile: boolean;
  /** What is typed could not be kept: it is lost when the editor is closed. */
  unkept: boolean;
  /** `Type/id` of a record in the chart that the new one was to be: it was saved before, and says something else. */
  savedBefore: string | undefined;
  /** Everything that was saved; complete when `done`. */
  saved: readonly Saved[];
  done: boolean;
  saving: Act<[], boolean>;
  change(fields: Partial<Record<string, string>>): void;
  goOnWith(work: Work): void;
  /** False where something is missing: the fields are marked then. */
  save(): Promise<boolean>;
  dropDraft(): Promise<void>;
  /** Nothing is left to keep: the record was saved or deleted. */
  finished(): void;
  startAnew(): void;
  /** Seals what is typed. `all` is false where that failed. */
  keep(): Promise<{ all: boolean; keptMs: number | undefined }>;
}

/** All that an editor remembers, from the first look at the vault to what was saved. */
export function useEditor(place: EditorPlace): Editor {
  const texts = useTexts();
  const me = useMe();
  const { chart } = place;
  const key = draftKey(place);
  const opening = useQuery("editor", (vault) => begin(vault, place, me.name), [key]);
  const [beginning, setBeginning] = useState<Beginning>();
  const [work, setWork] = useState<Work>();
  const [tried, setTried] = useState(false);
  const [restoredMs, setRestoredMs] = useState<number>();
  const [keptMs, setKeptMs] = useState<number>();
  /** For who asks before the screen is drawn again. */
  const lastKept = useRef<number>(undefined);
  const [unkept, setUnkept] = useState(false);
  const [savedBefore, setSavedBefore] = useState<string>();
  const [saved, setSaved] = useState<readonly Saved[]>([]);
  const [done, setDone] = useState(false);

  const take = (begun: Beginning) => {
    setBeginning(begun);
    setWork(begun.draft?.work ?? begun.fresh);
    setRestoredMs(begun.draft?.atMs);
  };
  // Only the first answer: what is typed must not be replaced when the vault is asked again after a change.
  if (beginning === undefined && opening.data !== undefined) take(opening.data);

  const seal = async () => {
    if (work === undefined || beginning === undefined) return;
    const { form, fields, start, base } = work;
    const atMs = Date.now();
    const nothing = form === beginning.fresh.form && sameFields(fields, beginning.fresh.fields);
    if (nothing) await currentVault().dropDraft(key);
    else await currentVault().saveDraft(key, draftText({ id: start.id, form, fields, base, patient: beginning.page.banner.name, atMs }));
    lastKept.current = nothing ? undefined : atMs;
    setKeptMs(lastKept.current);
  };
  const editing = useEditing(texts.write.kinds[work?.form ?? place.form ?? "fhir"], seal, work !== undefined && !done);

  const faults = work === undefined ? {} : FORMS[work.form].faults(work.fields, texts, work.existing);
  const saving = useAct(async (vault) => {
    if (work === undefined) return false;
    const { form, fields, start, base, existing } = work;
    const edited = base && { key: base.key, versions: base.versions };
    let count = 0;
    let writing = "";
    setSavedBefore(undefined);
    try {
      for (const { text, from } of FORMS[form].write(fields, start, existing)) {
        writing = text;
        const written = await putOnce(vault, chart, text, edited);
        count += 1;
        setSaved((before) => [...before, { written, from }]);
        // What is saved is no longer in the form: after a failure only the rest is saved again.
        setWork((now) => now && { ...now, fields: { ...now.fields, ...Object.fromEntries(from.map((name) => [name, ""])) } });
      }
    } catch (error) {
      if (edited === undefined) setSavedBefore(keyThere(error, writing));
      if (count > 0) {
        editing.touched();
        changed();
      }
      throw error;
    }
    editing.finished();
    await vault.dropDraft(key);
    return true;
  });
  const latest = opening.data?.fresh.base?.versions;
  const dropping = useAct((vault) => vault.dropDraft(key), { writes: false });

  return {
    beginning,
    failure: opening.failure,
    work,
    faults: tried ? faults : {},
    restoredMs,
    keptMs,
    changedMeanwhile: !done && work?.base !== undefined && latest !== undefined && !sameVersions(work.base.versions, latest),
    unkept,
    savedBefore,
    saved,
    done,
    saving,
    change(fields) {
      setWork((now) => now && { ...now, fields: { ...now.fields, ...(fields as Record<string, string>) } });
      setRestoredMs(undefined);
      editing.touched();
    },
    goOnWith(next) {
      setTried(false);
      setWork(next);
      editing.touched();
    },
    async save() {
      setTried(true);
      if (Object.keys(faults).length > 0) return false;
      if ((await saving.run()) === true) setDone(true);
      return true;
    },
    async dropDraft() {
      editing.finished();
      await dropping.run();
      saving.clear();
      setSavedBefore(undefined);
      setRestoredMs(undefined);
      lastKept.current = undefined;
      setKeptMs(undefined);
      setTried(false);
      setWork(beginning?.fresh);
    },
    finished: editing.finished,
    startAnew() {
      if (beginning === undefined) return;
      const fresh = anew(beginning.fresh);
      setBeginning({ ...beginning, fresh, draft: undefined });
      setWork(fresh);
      setSaved([]);
      setDone(false);
      setTried(false);
      lastKept.current = undefined;
      setKeptMs(undefined);
    },
    async keep() {
      const all = (await sealDrafts()).length === 0;
      setUnkept(!all);
      return { all, keptMs: lastKept.current };
    },
  };
}

function sameVersions(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((version) => b.includes(version));
}

function sameFields(a: Fields, b: Fields): boolean {
  return Object.entries(a).every(([name, value]) => b[name] === value);
}
