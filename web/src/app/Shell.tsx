// The frame around the screens of somebody who is unlocked.

import { type ReactNode, useEffect } from "react";
import { Link, useLocation } from "wouter";
import { SyncChip } from "../screens/sync/SyncChip";
import { useTexts } from "../texts";
import { Badge, Button, Icon, type IconName, Menu, toast } from "../ui";
import { CrashGuard } from "./CrashGuard";
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
      <Navigation location={location} />
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
  const leave = async (toSwitch: boolean) => {
    const unsealed = await lock({ toSwitch });
    if (unsealed.length > 0) toast(`${errors.draftsNotSealed} (${unsealed.join(", ")})`, "bad");
  };
  const act = (id: "switch" | "account" | "technical") => {
    if (id === "switch") void leave(true);
    else navigate(`/${id}`);
  };
  return (
    <header className="shell-bar">
      <div className="shell-name">
        <strong>{common.product}</strong>
        <span>{me.teams.join(", ")}</span>
      </div>
      <SyncChip />
      <Menu
        variant="quiet"
        icon="person"
        aria-label={app.memberMenu(me.name)}
        entries={[
          { id: "switch", label: app.switchMember, icon: "switch" },
          { id: "account", label: app.account, icon: "settings", description: `${me.name}, ${common.roles[me.role]}` },
          { id: "technical", label: app.technical, icon: "info" },
        ]}
        onAction={act}
      >
        {me.name}
      </Menu>
      <Button variant="quiet" icon="lock" onPress={() => void leave(false)}>{app.lock}</Button>
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
