import { type ReactNode, useMemo, useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { useQuery } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { EmptyState, FailureNotice, failureText, Tabs } from "../../ui";
import type { ChartPage } from "../../vault";
import { Access } from "./access/Access";
import { Attachments } from "./attachments/Attachments";
import { PatientBanner } from "./banner/PatientBanner";
import { type ChartActions, ChartActionsContext } from "./chartActions";
import { ChartNotices } from "./ChartNotices";
import { HistoryDialog } from "./HistoryDialog";
import { NotesTab } from "./notes/NotesTab";
import { SummaryTab } from "./summary/SummaryTab";
import { TimelineTab } from "./timeline/TimelineTab";
import { VitalsTab } from "./vitals/VitalsTab";
import { ChartDrafts, useChartDrafts } from "./write/ChartDrafts";
import { draftKey, type EditorPlace } from "./write/drafts";
import { EditorDialog } from "./write/EditorDialog";
import "../../styles/chart.css";
import "../../styles/vitals.css";

type Tab = "summary" | "vitals" | "timeline" | "notes" | "files" | "access";

const TABS: readonly Tab[] = ["summary", "vitals", "timeline", "notes", "files", "access"];
/** Charts that are no patient's hold records to refer to: there is no summary of them. */
const TABS_WITHOUT_PATIENT: readonly Tab[] = ["timeline", "files", "access"];

/** One chart, by the address `/patients/:chart/:tab?`. */
export default function ChartScreen() {
  const { chart = "", tab } = useParams();
  return <OpenChart key={chart} chart={chart} tab={tab} />;
}

function OpenChart({ chart, tab }: { chart: string; tab: string | undefined }) {
  const texts = useTexts();
  const { data: page, failure } = useQuery("chart", (vault) => vault.chart(chart), [chart]);
  if (page !== undefined) {
    return (
      <>
        <FailureNotice failure={failure} />
        <ShownChart page={page} wanted={tab} />
      </>
    );
  }
  if (failure === undefined) return <p className="quiet" role="status">{texts.common.loading}</p>;
  return (
    <EmptyState
      icon="patients"
      title={texts.chart.openFailed}
      actions={<Link href="/patients" className="button button-secondary">{texts.chart.backToList}</Link>}
    >
      {failureText(failure, texts)}
    </EmptyState>
  );
}

function ShownChart({ page, wanted }: { page: ChartPage; wanted: string | undefined }) {
  const { chart: texts } = useTexts();
  const [, navigate] = useLocation();
  const [writing, setWriting] = useState<EditorPlace>();
  const [traced, setTraced] = useState<{ resourceKey: string; what: string }>();
  const { chart, canWrite } = page;
  const { drafts, again } = useChartDrafts(chart);
  const actions = useMemo<ChartActions>(
    () => ({
      chart,
      canWrite,
      add: (form) => setWriting({ chart, form }),
      edit: (resourceKey) => setWriting({ chart, resourceKey }),
      history: (resourceKey, what) => setTraced({ resourceKey, what }),
    }),
    [chart, canWrite],
  );
  const tabs = page.role === "patient" ? TABS : TABS_WITHOUT_PATIENT;
  const tab = tabs.find((one) => one === wanted) ?? tabs[0] ?? "timeline";
  const open = (id: Tab) => navigate(`/patients/${chart}/${id}`);
  const content: Record<Tab, ReactNode> = {
    summary: <SummaryTab page={page} onVitals={() => open("vitals")} />,
    vitals: <VitalsTab />,
    timeline: <TimelineTab page={page} />,
    notes: <NotesTab />,
    files: <Attachments chart={chart} canWrite={canWrite} />,
    access: <Access chart={chart} />,
  };
  const closeEditor = () => {
    setWriting(undefined);
    again();
  };
  return (
    <ChartActionsContext value={actions}>
      <div className="chart">
        <PatientBanner page={page} place={texts.tabs[tab]} />
        <div className="chart-body stack">
          <ChartNotices page={page} />
          <ChartDrafts drafts={drafts} onOpen={setWriting} />
          <Tabs
            label={texts.title}
            items={tabs.map((id) => ({ id, label: texts.tabs[id], content: content[id] }))}
            selected={tab}
            onSelect={open}
          />
        </div>
      </div>
      {traced !== undefined && <HistoryDialog chart={chart} {...traced} onClose={() => setTraced(undefined)} />}
      {writing !== undefined && <EditorDialog key={draftKey(writing)} {...writing} onClose={closeEditor} />}
    </ChartActionsContext>
  );
}
