// Who can open a chart in the end: what was given to members and teams, person by person.

import type { Access, AccessLine, Member, Team } from "../../../vault";

export const LEVELS: readonly Access[] = ["read", "write", "manage"];

/** Somebody who can open a chart. */
export interface Person {
  member: Member;
  /** What they may do in the end: who only reads by their role does nothing else, whatever was given. */
  access: Access;
  /** What it was given to: themself, teams, or both. */
  through: readonly AccessLine[];
}

/** What all of this is worked out from. */
export interface Sharing {
  grants: readonly AccessLine[];
  members: readonly Member[];
  teams: readonly Team[];
}

/** Everybody who can open the chart; those who left are not among them. */
export function peopleOf(sharing: Sharing): Person[] {
  return sharing.members.flatMap((member) => {
    if (member.role === undefined) return [];
    const through = sharing.grants.filter((line) => concerns(line, member, sharing.teams));
    const given = highest(through);
    if (given === undefined) return [];
    return [{ member, access: member.role === "reader" ? "read" : given, through }];
  });
}

/** False where nobody would be left to decide who can see the chart: that is refused. */
export function isManaged(sharing: Sharing): boolean {
  return peopleOf(sharing).some(({ access }) => access === "manage");
}

/** As it would be with another access for a member or team, or without any. */
export function withAccess(sharing: Sharing, grantee: string, access: Access | undefined): Sharing {
  const grants = sharing.grants.flatMap((line) => {
    if (line.grantee !== grantee) return [line];
    return access === undefined ? [] : [{ ...line, access }];
  });
  return { ...sharing, grants };
}

/** Those who could open it before and cannot after. */
export function losing(before: Sharing, after: Sharing): Person[] {
  const stay = new Set(peopleOf(after).map(({ member }) => member.id));
  return peopleOf(before).filter(({ member }) => !stay.has(member.id));
}

export function isLess(access: Access, than: Access): boolean {
  return LEVELS.indexOf(access) < LEVELS.indexOf(than);
}

/** With the team of everyone called as the reader calls it. */
export function named(grants: readonly AccessLine[], teams: readonly Team[], everyone: string): AccessLine[] {
  return grants.map((line) => (line.team && teamOf(line, teams)?.everyone === true ? { ...line, name: everyone } : line));
}

function teamOf({ grantee }: AccessLine, teams: readonly Team[]): Team | undefined {
  return teams.find((team) => grantee === `team:${team.name}`);
}

function concerns(line: AccessLine, { user }: Member, teams: readonly Team[]): boolean {
  return line.team ? teamOf(line, teams)?.members.includes(user) === true : line.grantee === user;
}

function highest(lines: readonly AccessLine[]): Access | undefined {
  return LEVELS.findLast((level) => lines.some(({ access }) => access === level));
}
