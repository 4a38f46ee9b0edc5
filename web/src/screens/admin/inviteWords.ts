import type { Format, Texts } from "../../texts";
import type { Role } from "../../vault";

/** Whom an invite is for. */
export interface InviteFor {
  role?: Role | undefined;
  teams?: readonly string[] | undefined;
  device: boolean;
}

/** "For a new member: Clinician, in Ward 3, with a device of their own" */
export function inviteWords({ role, teams = [], device }: InviteFor, { admin, common }: Texts, format: Format): string {
  const words = admin.invites;
  if (role === undefined) return words.forDevice;
  const parts = [words.forMember(common.roles[role])];
  if (teams.length > 0) parts.push(words.withTeams(format.list(teams)));
  parts.push(device ? words.ownDevice : words.otherDevice);
  return parts.join(", ");
}
