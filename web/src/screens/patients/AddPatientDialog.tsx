import { type FormEvent, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useEditing } from "../../app/editing";
import { currentVault, useAct, useMe, useQuery } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Dialog, FailureNotice, toast, Unanswered } from "../../ui";
import type { Duplicate } from "../../vault";
import { ConfirmNew, MaybeThere } from "./LikelyDuplicates";
import { emptyPatient, fromDraft, isEmpty, NEW_PATIENT_DRAFT, type NewPatient, patientJson, readBirthDate } from "./newPatient";
import { PatientFields } from "./PatientFields";
import { useTyped } from "./useTyped";

/** Duplicates beside the form, and when somebody has to decide. */
const MAYBE_MAX = 3;
const CONFIRM_MAX = 10;

/** Registers a patient, with what this member had begun and not finished. */
export function AddPatientDialog({ onClose }: { onClose(): void }) {
  const { patients: texts } = useTexts();
  const { teams } = useMe();
  const kept = useQuery("new patient", async (vault) => (await vault.draft(NEW_PATIENT_DRAFT)) ?? "");
  if (kept.data !== undefined) {
    return <AddPatient begun={kept.data === "" ? emptyPatient(teams) : fromDraft(kept.data, teams)} wasDraft={kept.data !== ""} onClose={onClose} />;
  }
  return (
    <Dialog title={texts.registerTitle} open onClose={onClose}>
      <Unanswered failure={kept.failure} />
    </Dialog>
  );
}

interface AddPatientProps {
  begun: NewPatient;
  wasDraft: boolean;
  onClose(): void;
}

function AddPatient({ begun, wasDraft, onClose }: AddPatientProps) {
  const { common, patients: texts, write } = useTexts();
  const { teams } = useMe();
  const [, navigate] = useLocation();
  const [form, setForm] = useState(begun);
  const [restored, setRestored] = useState(wasDraft);
  const [tried, setTried] = useState(false);
  const [alike, setAlike] = useState<Duplicate[]>();
  const fields = useRef<HTMLFormElement>(null);
  const typed = patientJson(form);
  const maybe = useTyped("duplicates", typed, (vault, patient) => vault.likelyDuplicates(patient, MAYBE_MAX));
  const check = useAct((vault) => vault.likelyDuplicates(typed, CONFIRM_MAX), { writes: false });
  const add = useAct(async (vault) => {
    // Whoever was registered just before the app ended, and is in the draft still, is registered already: that counts.
    const added = await vault.addPatient(typed, form.team === "" || form.team === null ? undefined : form.team);
    editing.finished();
    await vault.dropDraft(NEW_PATIENT_DRAFT);
    return added;
  });
  const drop = useAct((vault) => vault.dropDraft(NEW_PATIENT_DRAFT), { writes: false });
  const editing = useEditing(texts.registerTitle, () => {
    const vault = currentVault();
    return isEmpty(form) ? vault.dropDraft(NEW_PATIENT_DRAFT) : vault.saveDraft(NEW_PATIENT_DRAFT, JSON.stringify(form));
  });

  const change = (next: NewPatient) => {
    setForm(next);
    setRestored(false);
    editing.touched();
  };
  const open = (chart: string) => {
    onClose();
    navigate(`/patients/${chart}`);
  };
  /** Somebody who is there already is not registered: there is nothing to go on with. */
  const openInstead = (chart: string) => {
    editing.finished();
    void drop.run();
    open(chart);
  };
  const register = async () => {
    const added = await add.run();
    if (added === undefined) return;
    toast(texts.registered([form.given, form.family].map((name) => name.trim()).filter(Boolean).join(" ")));
    open(added.chart);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isComplete(form)) {
      // After it is drawn with its errors.
      requestAnimationFrame(() => fields.current?.querySelector<HTMLElement>("[data-invalid] :is(input, button)")?.focus());
      return;
    }
    const found = await check.run();
    if (found === undefined) return;
    if (found.length > 0) setAlike(found);
    else await register();
  };
  const startAnew = () => change(emptyPatient(teams));

  if (alike !== undefined) {
    return (
      <ConfirmNew
        duplicates={alike}
        busy={add.busy}
        failure={add.failure}
        onOpen={openInstead}
        onBack={() => setAlike(undefined)}
        onRegister={() => void register()}
      />
    );
  }
  const busy = check.busy || add.busy;
  const actions = (
    <>
      <Button onPress={onClose} isDisabled={busy}>{common.cancel}</Button>
      <Button type="submit" form="new-patient" variant="primary" isPending={busy}>{check.busy ? texts.checking : texts.register}</Button>
    </>
  );
  return (
    <Dialog title={texts.registerTitle} open onClose={onClose} actions={actions} wide>
      <form id="new-patient" ref={fields} className="stack" noValidate onSubmit={(event) => void submit(event)}>
        {restored && (
          <div className="row row-apart">
            <p className="quiet">{texts.draftRestored}</p>
            <Button variant="quiet" icon="trash" onPress={startAnew}>{write.draftDrop}</Button>
          </div>
        )}
        <PatientFields form={form} teams={teams} tried={tried} onChange={change} />
        <MaybeThere duplicates={isEmpty(form) ? [] : (maybe.data ?? [])} onOpen={openInstead} />
        <FailureNotice failure={check.failure ?? add.failure} />
      </form>
    </Dialog>
  );
}

function isComplete(form: NewPatient): boolean {
  const birth = readBirthDate(form.birthDate);
  const named = form.family.trim() !== "" || form.given.trim() !== "";
  return named && birth.is !== "wrong" && birth.is !== "ahead" && form.team !== null;
}
