// Whether the server is there. A request of the worker holds it up until it is answered, and some networks swallow what is
// sent and answer nothing: so the page asks first, in a way that it can give up.

import { type FailureKind, failure } from "./failure";
import type { Vault } from "./index";
import type { OrganisationForm } from "./pkg/wardbook_wasm.js";

type Name = keyof Vault & string;
/** Says whether a call, with what it is given, asks the server. */
type Needs = (vault: Vault, args: readonly unknown[]) => boolean | Promise<boolean>;

/** A server on a slow line has answered by then. */
const ANSWER_MS_MAX = 5000;

const always: Needs = () => true;
/** What changes the directory is done on the server, where the organisation has one. */
const whereOnServer: Needs = async (vault) => (await vault.syncStatus()).hasServer;

interface Need {
  needs: Needs;
  /** What is said where the server is not there; else that what was done is kept here and sent later. */
  kind?: FailureKind;
}

/** Without the first exchange there is no device. */
const first: Need = { needs: always, kind: "serverFirst" };
/** Nothing of these is kept here: they are done again. */
const now: Need = { needs: always, kind: "offlineNeeded" };
const directory: Need = { needs: whereOnServer };

/** Every call that may ask the server. Making an organisation does not yet, but what puts it on the server comes at once. */
const NEEDS: { readonly [One in Name]?: Need } = {
  sync: { needs: always },
  enrol: first,
  joinHere: first,
  createOrganisation: { needs: (_, [form]) => (form as OrganisationForm).serverLink !== undefined, kind: "serverFirst" },
  putOnServer: now,
  acceptRestored: now,
  verifyServer: now,
  replaceKeys: { needs: whereOnServer, kind: "offlineNeeded" },
  attachmentBytes: { needs: isElsewhere, kind: "offlineNeeded" },
  invite: { needs: always },
  withdrawInvites: { needs: always },
  retireMember: directory,
  setRole: directory,
  createTeam: directory,
  addToTeam: directory,
  removeFromTeam: directory,
  setPolicy: directory,
  appointAdmin: directory,
  retireDevice: directory,
};

export function mayNeedServer(method: string): method is Name {
  return Object.hasOwn(NEEDS, method);
}

/** Rejects with a failure where the call needs the server and that is not there. */
export async function reachServer(vault: Vault, method: Name, args: readonly unknown[]): Promise<void> {
  const need = NEEDS[method];
  if (need === undefined || !(await need.needs(vault, args)) || (await isThere())) return;
  throw failure(need.kind ?? "offline", "the server was not reached: nothing was sent to it");
}

async function isThere(): Promise<boolean> {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    // Whatever it says, somebody was there to say it.
    await answer.text();
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}

/** Of the file that was asked for last: it is read in pieces, and asked about once. */
let asked = { file: "", elsewhere: false };

async function isElsewhere(vault: Vault, [chart, blob, from]: readonly unknown[]): Promise<boolean> {
  const file = `${chart} ${blob}`;
  if (asked.file !== file || from === undefined || from === 0) {
    const attachments = await vault.attachments(chart as string);
    const isHere = attachments.some(({ place }) => place.kind === "sealed" && place.blob === blob && place.onDevice);
    asked = { file, elsewhere: !isHere };
  }
  return asked.elsewhere;
}
