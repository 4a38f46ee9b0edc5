// Which screen comes first: the state of this browser decides.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { OtherTab } from "../screens/entry/OtherTab";
import { Reenter } from "../screens/entry/Reenter";
import { Unlock } from "../screens/entry/Unlock";
import { Broken, Unusable } from "../screens/entry/Unusable";
import { WaitingForServer } from "../screens/entry/WaitingForServer";
import { Welcome } from "../screens/entry/Welcome";
import { loadAllTexts, useHasAllTexts, useTexts } from "../texts";
import { ProgressBar, toast } from "../ui";
import { LocaleProvider } from "../ui/LocaleProvider";
import { Toasts } from "../ui/Toast";
import { type DeviceStatus, failureOf } from "../vault";
import { useNewBuildWaits } from "./build";
import { CrashGuard } from "./CrashGuard";
import { useIsShownOnce } from "./editing";
import { IdleGuard } from "./IdleGuard";
import { loadPreferences } from "./preferences";
import { Routes } from "./Routes";
import { keepInSync } from "./sync";
import { useAppState, useLink } from "./vaultStore";

export function App() {
  return (
    <LocaleProvider>
      <CrashGuard place="stage">
        <Stage />
      </CrashGuard>
      <Toasts />
    </LocaleProvider>
  );
}

function Stage() {
  const state = useAppState();
  const texts = useTexts().app;
  // Looked at here as well: while nobody is unlocked a new build takes over by itself.
  useNewBuildWaits();
  switch (state.at) {
    case "starting":
      return <div className="front-main"><ProgressBar label={texts.starting} /></div>;
    case "locking":
      return <div className="front-main"><ProgressBar label={texts.lock} /></div>;
    case "otherTab":
      return <OtherTab asking={state.asking} refused={state.refused} />;
    case "broken":
      return state.failure.kind === "broken" ? <Reenter /> : <Broken failure={state.failure} />;
    case "device":
      return (
        <>
          <Device status={state.status} />
          <Guard status={state.status} />
        </>
      );
  }
}

function Device({ status }: { status: DeviceStatus }) {
  const link = useLink();
  switch (status.state) {
    case "empty":
    case "joining":
      return <Welcome key={link} joining={status.state === "joining"} />;
    case "unusable":
      return <Unusable failure={status.failure} />;
    case "locked":
      return <Unlock key={link} line={status} />;
    case "waiting":
      return <WaitingForServer waiting={status} />;
    case "open":
      return (
        <CrashGuard key={status.me.id} place="behind the lock">
          <AllTexts>
            <Opened user={status.me.user} />
          </AllTexts>
        </CrashGuard>
      );
  }
}

/**
 * Locks by itself what is open, and what is shown once: who gets a new code has unlocked, though the page goes on to what that
 * opened only when they have the code. Whatever fails in a screen, this goes on.
 */
function Guard({ status }: { status: DeviceStatus }) {
  const shown = useIsShownOnce();
  if (status.state !== "open" && status.state !== "waiting" && !shown) return null;
  return <IdleGuard key={status.state === "open" ? status.me.id : status.state} />;
}

/** Behind the lock more is said than before it, and that is loaded when the first member comes. */
function AllTexts({ children }: { children: ReactNode }) {
  const texts = useTexts().common;
  const whole = useHasAllTexts();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (!whole) loadAllTexts().catch(setFailure);
  }, [whole]);
  if (failure !== undefined) throw failure;
  return whole ? children : <div className="front-main"><ProgressBar label={texts.loading} /></div>;
}

/** Who was here last, to tell coming back from somebody else. In memory only. */
let lastUser: string | undefined;

function Opened({ user }: { user: string }) {
  const [, navigate] = useLocation();
  const arrived = useRef(false);
  useEffect(() => {
    if (arrived.current) return;
    arrived.current = true;
    // Who comes back finds the page that they left; somebody else begins at the list.
    if (lastUser !== undefined && lastUser !== user) navigate("/patients", { replace: true });
    lastUser = user;
    loadPreferences().catch((error: unknown) => toast(failureOf(error).message, "bad"));
  }, [user, navigate]);
  useEffect(() => keepInSync(), []);
  return <Routes />;
}
