import { useDeferredValue, useRef, useState } from "react";
import { useMe, useQuery } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Notice, PageHeader, Tabs, TextField } from "../../ui";
import { AddPatientDialog } from "./AddPatientDialog";
import { ImportDialog } from "./ImportDialog";
import { NEW_PATIENT_DRAFT } from "./newPatient";
import { PatientResults } from "./PatientResults";
import "../../styles/patients.css";

type Filter = "all" | "recent" | "myTeams";

/** Everybody whose chart this member may open, found while typing. */
export default function PatientsScreen() {
  const { patients: texts, write } = useTexts();
  const format = useFormat();
  const me = useMe();
  const [text, setText] = useState("");
  // A letter is on the screen before the list is drawn.
  const searched = useDeferredValue(text);
  const [filter, setFilter] = useState<Filter>("all");
  const [open, setOpen] = useState<"register" | "import">();
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<HTMLDivElement>(null);
  const drafts = useQuery("drafts", (vault) => vault.drafts());
  const draft = drafts.data?.find(({ key }) => key === NEW_PATIENT_DRAFT);
  const mayWrite = me.role !== "reader";

  const tab = (id: Filter, label: string) => ({
    id,
    label,
    content: <PatientResults text={searched} filter={id} list={list} field={field} />,
  });
  const close = () => {
    setOpen(undefined);
    drafts.again();
  };
  return (
    <>
      <PageHeader
        title={texts.title}
        actions={mayWrite ? (
          <>
            <Button icon="upload" onPress={() => setOpen("import")}>{texts.import}</Button>
            <Button variant="primary" icon="add" onPress={() => setOpen("register")}>{texts.register}</Button>
          </>
        ) : undefined}
      />
      {draft !== undefined && open === undefined && (
        <Notice actions={<Button icon="edit" onPress={() => setOpen("register")}>{write.draftGoOn}</Button>}>
          {texts.draftNotice(format.recent(draft.savedMs))}
        </Notice>
      )}
      <div ref={field} role="search">
        <TextField
          label={texts.searchLabel}
          description={texts.searchExplain}
          icon="search"
          type="search"
          value={text}
          onChange={setText}
          autoCorrect="off"
          // On a tablet the keyboard would come up over the list of patients.
          autoFocus={matchMedia("(pointer: fine)").matches}
          onKeyDown={(event) => {
            const first = list.current?.querySelector("a");
            if (event.key !== "ArrowDown" || first === null || first === undefined) return;
            event.preventDefault();
            first.focus();
          }}
        />
      </div>
      <Tabs
        label={texts.title}
        items={[tab("all", texts.filterAll), tab("recent", texts.filterRecent), tab("myTeams", texts.filterMyTeams)]}
        selected={filter}
        onSelect={setFilter}
      />
      {open === "register" && <AddPatientDialog onClose={close} />}
      {open === "import" && <ImportDialog onClose={close} />}
    </>
  );
}
