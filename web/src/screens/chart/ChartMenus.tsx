import { useLocation } from "wouter";
import { useTexts } from "../../texts";
import { Button, Menu, type MenuEntry } from "../../ui";
import type { ChartPage } from "../../vault";
import { useChartActions } from "./chartActions";
import type { FormName } from "./write/form";

/** What can be done with a chart as a whole: write in it, put right who it is of, and take a summary of it along. */
export function ChartMenus({ page }: { page: ChartPage }) {
  const { chart: texts } = useTexts();
  const { canWrite, chart } = useChartActions();
  const [, navigate] = useLocation();
  const [patientId] = page.banner.patientIds;
  return (
    <>
      {canWrite && <WriteMenu ofPatient={page.role === "patient"} />}
      {patientId !== undefined && <PersonMenu resourceKey={`Patient/${patientId}`} />}
      {page.role === "patient" && <Button icon="print" onPress={() => navigate(`/print/${chart}`)}>{texts.print}</Button>}
    </>
  );
}

function WriteMenu({ ofPatient }: { ofPatient: boolean }) {
  const { write } = useTexts();
  const { add } = useChartActions();
  // What is written most often comes first.
  const forms: MenuEntry<FormName>[] = [
    { id: "vitals", label: write.addVitals, icon: "vitals" },
    { id: "note", label: write.addNote, icon: "note" },
    { id: "medication", label: write.addMedication, icon: "medication" },
    { id: "problem", label: write.addProblem, icon: "problem" },
    { id: "allergy", label: write.addAllergy, icon: "allergy" },
    { id: "encounter", label: write.addEncounter, icon: "clock" },
    { id: "fhir", label: write.addOther, icon: "edit" },
  ];
  // All but the last are about a person.
  const entries = ofPatient ? forms : forms.filter(({ id }) => id === "fhir");
  return <Menu variant="primary" icon="add" entries={entries} onAction={add}>{write.add}</Menu>;
}

function PersonMenu({ resourceKey }: { resourceKey: string }) {
  const { chart: texts, common } = useTexts();
  const { canWrite, edit, history } = useChartActions();
  const entries: MenuEntry<"edit" | "history">[] = [{ id: "history", label: texts.history, icon: "history" }];
  if (canWrite) entries.unshift({ id: "edit", label: common.edit, icon: "edit" });
  const act = (doing: "edit" | "history") => {
    if (doing === "edit") edit(resourceKey);
    else history(resourceKey, texts.person);
  };
  return <Menu icon="person" entries={entries} onAction={act}>{texts.person}</Menu>;
}
