import { lazy, Suspense } from "react";
import { Link, Redirect, Route, Switch } from "wouter";
import { useTexts } from "../texts";
import { EmptyState, ProgressBar } from "../ui";
import { Shell } from "./Shell";

const PatientsScreen = lazy(() => import("../screens/patients/PatientsScreen"));
const ChartScreen = lazy(() => import("../screens/chart/ChartScreen"));
const TasksScreen = lazy(() => import("../screens/tasks/TasksScreen"));
const AdminScreen = lazy(() => import("../screens/admin/AdminScreen"));
const PrintScreen = lazy(() => import("../screens/print/PrintScreen"));
const SyncScreen = lazy(() => import("../screens/sync/SyncScreen"));
const TechnicalScreen = lazy(() => import("../screens/technical/TechnicalScreen"));
const AccountScreen = lazy(() => import("../screens/entry/AccountScreen"));

/** Addresses hold random ids and names of sections, never anything about a patient: browsers remember addresses. */
export function Routes() {
  const texts = useTexts().common;
  const loading = <ProgressBar label={texts.loading} />;
  return (
    <Switch>
      <Route path="/print/:chart">
        <Suspense fallback={loading}><PrintScreen /></Suspense>
      </Route>
      <Route>
        <Shell>
          <Suspense fallback={loading}>
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
          </Suspense>
        </Shell>
      </Route>
    </Switch>
  );
}

function NotFound() {
  const texts = useTexts().app.notFound;
  return <EmptyState icon="search" title={texts.title} actions={<Link href="/patients">{texts.back}</Link>} />;
}
