// Members, teams, devices, invites and rules; late entries, time for a device, and checks. Everybody sees it; who may not
// change a part is told who may.

import type { ComponentType } from "react";
import { Link, useParams } from "wouter";
import { Leads } from "../../app/Leads";
import { useTexts } from "../../texts";
import { PageHeader } from "../../ui";
import "../../styles/admin.css";
import { Devices } from "./Devices";
import { OfflineNotice } from "./directory";
import { Extension } from "./Extension";
import { Invites } from "./Invites";
import { Members } from "./Members";
import { PolicyForm } from "./PolicyForm";
import { Quarantine } from "./Quarantine";
import { Security } from "./Security";
import { Teams } from "./Teams";

const PARTS = {
  members: Members,
  teams: Teams,
  devices: Devices,
  invites: Invites,
  policy: PolicyForm,
  quarantine: Quarantine,
  extension: Extension,
  security: Security,
} as const satisfies Record<string, ComponentType>;

type Section = keyof typeof PARTS;

const SECTIONS = Object.keys(PARTS) as Section[];
/** Parts that change the directory, which is done on top of what the server has. */
const ON_SERVER: ReadonlySet<Section> = new Set<Section>(["members", "teams", "devices", "invites", "policy"]);

export default function AdminScreen() {
  const texts = useTexts().admin;
  const params = useParams();
  const section = SECTIONS.find((one) => one === params["section"]) ?? "members";
  const Part = PARTS[section];
  return (
    <>
      <PageHeader title={texts.title} />
      <Leads>
        <nav className="admin-nav screen-only" aria-label={texts.partsLabel}>
          <ul className="admin-nav-list">
            {SECTIONS.map((one) => (
              <li key={one}>
                <Link href={`/admin/${one}`} aria-current={one === section ? "page" : undefined}>{texts.sections[one]}</Link>
              </li>
            ))}
          </ul>
        </nav>
      </Leads>
      {ON_SERVER.has(section) && <OfflineNotice />}
      <Part />
    </>
  );
}
