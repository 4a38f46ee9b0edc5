// Whether the server is there. A request of the worker holds it up until it is answered, and some networks swallow what is
// sent and answer nothing: so the page asks first, in a way that it can give up.

import { type Failure, failure } from "./failure";
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

/** Every call that may ask the server. */
const NEEDS: { readonly [One in Name]?: Needs } = {
  sync: always,
  putOnServer: always,
  acceptRestored: always,
  verifyServer: always,
  enrol: always,
  joinHere: always,
  createOrganisation: (_, [form]) => (form as OrganisationForm).serverLink !== undefined,
  invite: always,
  withdrawInvites: always,
  retireMember: whereOnServer,
  setRole: whereOnServer,
  createTeam: whereOnServer,
  addToTeam: whereOnServer,
  removeFromTeam: whereOnServer,
  setPolicy: whereOnServer,
  appointAdmin: whereOnServer,
  retireDevice: whereOnServer,
  replaceKeys: whereOnServer,
  attachmentBytes: async (vault, [chart, blob]) => !(await isOnDevice(vault, chart as string, blob as string)),
};

/** Nothing of these is kept here to be sent later: without the first ones there is no device, and the others are done again. */
const FIRST: readonly string[] = ["enrol", "joinHere", "createOrganisation"] satisfies Name[];
const NOW: readonly string[] = ["putOnServer", "acceptRestored", "verifyServer", "replaceKeys", "attachmentBytes"] satisfies Name[];

export function mayNeedServer(method: string): method is Name {
  return Object.hasOwn(NEEDS, method);
}

/** Rejects with a failure where the call needs the server and that is not there. */
export async function reachServer(vault: Vault, method: Name, args: readonly unknown[]): Promise<void> {
  if ((await NEEDS[method]?.(vault, args)) === true && !(await isThere())) throw notReached(method);
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

function notReached(method: string): Failure {
  const kind = FIRST.includes(method) ? "serverFirst" : NOW.includes(method) ? "offlineNeeded" : "offline";
  return failure(kind, "the server was not reached: nothing was sent to it");
}

async function isOnDevice(vault: Vault, chart: string, blob: string): Promise<boolean> {
  const attachments = await vault.attachments(chart);
  return attachments.some(({ place }) => place.kind === "sealed" && place.blob === blob && place.onDevice);
}
