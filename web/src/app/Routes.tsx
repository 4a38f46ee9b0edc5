import { useEffect } from "react";
import { Link, Redirect, Route, Switch } from "wouter";
import { useTexts } from "../texts";
import { EmptyState } from "../ui";
import { loadScreens, screen } from "./screens";
import { Shell } from "./Shell";

const PatientsScreen = screen(() => import("../screens/patients/PatientsScreen"));
const ChartScreen = screen(() => import("../screens/chart/ChartScreen"));
const TasksScreen = screen(() => import("../screens/tasks/TasksScreen"));
const SyncScreen = screen(() => import("../screens/sync/SyncScreen"));
const PrintScreen = screen(() => import("../screens/print/PrintScreen"));
const AccountScreen = screen(() => import("../screens/entry/AccountScreen"));
const AdminScreen = screen(() => import("../screens/admin/AdminScreen"));
const TechnicalScreen = screen(() => import("../screens/technical/TechnicalScreen"));

/** By then the first screen is there. */
const LOAD_OTHERS_MS = 500;

/** Addresses hold random ids and names of sections, never anything about a patient: browsers remember addresses. */
export function Routes() {
  useEffect(() => {
    const timer = setTimeout(() => void loadScreens(), LOAD_OTHERS_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Switch>
      <Route path="/print/:chart"><PrintScreen /></Route>
      <Route>
        <Shell>
          <Switch>
            <Route path="/"><Redirect to="/patients" replace /></Route>
            <Route path="/patients"><PatientsScreen /></Route>
            <Route path="/patients/:chart/:tab?"><ChartScreen /></Route>
            <Route path="/tasks"><TasksScreen /></Route>
            <Route path="/sync"><SyncScreen /></Route>
            <Route path="/admin/:section?"><AdminScreen /></Route>
            <Route path="/technical"><TechnicalScreen /></Route>
            <Route path="/account"><AccountScreen /></Route>
            <Route><NotFound /></Route>
          </Switch>
        </Shell>
      </Route>
    </Switch>
  );
}

function NotFound() {
  const texts = useTexts().app.notFound;
  return <EmptyState icon="search" title={texts.title} actions={<Link href="/patients">{texts.back}</Link>} />;
}
