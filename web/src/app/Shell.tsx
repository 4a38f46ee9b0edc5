// The frame around the screens of somebody who is unlocked.

import { type ReactNode, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { SyncChip } from "../screens/sync/SyncChip";
import { useTexts } from "../texts";
import { Badge, Button, Confirm, Icon, type IconName, Menu, type MenuEntry, toast } from "../ui";
import { CrashGuard } from "./CrashGuard";
import { useIsShownOnce } from "./editing";
import { Leads } from "./Leads";
import { lock } from "./locking";
import { NewBuildNotice, StorageNotice } from "./notices";
import { useMe, useQuery } from "./vaultStore";

export function Shell({ children }: { children: ReactNode }) {
  const texts = useTexts().app;
  const [location] = useLocation();
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [location]);
  return (
    <div className="shell">
      <a className="skip-link" href="#content">{texts.skipToContent}</a>
      <Bar />
      <Leads><Navigation location={location} /></Leads>
      <main id="content" className="shell-main" tabIndex={-1}>
        <div className="shell-content">
          <NewBuildNotice />
          {/* Above a chart there is room for the patient alone. */}
          {!location.startsWith("/patients/") && <StorageNotice />}
          <CrashGuard place={location}>{children}</CrashGuard>
        </div>
      </main>
    </div>
  );
}

function Bar() {
  const { app, common, errors } = useTexts();
  const me = useMe();
  const [, navigate] = useLocation();
  const shownOnce = useIsShownOnce();
  /** Asked before it is locked, where something is shown once; `toSwitch` as of the lock. */
  const [asked, setAsked] = useState<{ toSwitch: boolean }>();
  const ask = (toSwitch: boolean) => (shownOnce ? setAsked({ toSwitch }) : void leave(toSwitch));
  const leave = async (toSwitch: boolean) => {
    setAsked(undefined);
    const unsealed = await lock({ toSwitch });
    if (unsealed.length > 0) toast(`${errors.draftsNotSealed} (${unsealed.join(", ")})`, "bad");
  };
  const act = (id: "switch" | "account" | "technical") => {
    if (id === "switch") ask(true);
    else navigate(`/${id}`);
  };
  const elsewhere: MenuEntry<"switch" | "account" | "technical">[] = [
    { id: "account", label: app.account, icon: "settings", description: `${me.name}, ${common.roles[me.role]}` },
    { id: "technical", label: app.technical, icon: "info" },
  ];
  return (
    <header className="shell-bar">
      <div className="shell-name">
        <strong>{common.product}</strong>
        <span>{me.teams.join(", ")}</span>
      </div>
      <Leads><SyncChip /></Leads>
      <Menu
        variant="quiet"
        icon="person"
        aria-label={app.memberMenu(me.name)}
        entries={[
          { id: "switch", label: app.switchMember, icon: "switch" },
          ...(shownOnce ? [] : elsewhere),
        ]}
        onAction={act}
      >
        {me.name}
      </Menu>
      <Button variant="quiet" icon="lock" onPress={() => ask(false)}>{app.lock}</Button>
      <Confirm
        title={app.leaveShown.title}
        open={asked !== undefined}
        action={app.lock}
        danger
        onConfirm={() => void leave(asked?.toSwitch ?? false)}
        onCancel={() => setAsked(undefined)}
      >
        <p>{app.leaveShown.explain}</p>
      </Confirm>
    </header>
  );
}

function Navigation({ location }: { location: string }) {
  const { app } = useTexts();
  const conflicts = useQuery("tasks: conflicts", (vault) => vault.conflicts(undefined)).data?.length ?? 0;
  const waiting = useQuery("tasks: quarantine", (vault) => vault.quarantine(false)).data?.length ?? 0;
  const places: { href: string; label: string; icon: IconName; count?: number }[] = [
    { href: "/patients", label: app.patients, icon: "patients" },
    { href: "/tasks", label: app.tasks, icon: "tasks", count: conflicts + waiting },
    { href: "/sync", label: app.sync, icon: "sync" },
    { href: "/admin", label: app.admin, icon: "team" },
  ];
  return (
    <nav className="shell-nav" aria-label={app.navigation}>
      <ul className="shell-places">
        {places.map(({ href, label, icon, count = 0 }) => (
          <li key={href}>
            <Link href={href} aria-current={location.startsWith(href) ? "page" : undefined}>
              <Icon name={icon} />
              {label}
              {count > 0 && (
                <Badge tone="warn">
                  <span aria-hidden="true">{count}</span>
                  <span className="visually-hidden">{app.tasksWaiting(count)}</span>
                </Badge>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
