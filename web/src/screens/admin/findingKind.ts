/** What a finding is about, as far as a reader needs to know. */
export type FindingKind = "storage" | "directory" | "unlocking" | "chart" | "log" | "other";

/** How `client` begins the name of what it found (`verify.rs`, `sync/audit.rs`). */
const BEGINNINGS: readonly (readonly [beginning: string, kind: FindingKind])[] = [
  ["vault.db", "storage"],
  ["mirror.db", "storage"],
  ["the directory", "directory"],
  ["a slot", "unlocking"],
  ["chart ", "chart"],
  ["entry ", "log"],
  ["place ", "log"],
];

export function findingKind(what: string): FindingKind {
  return BEGINNINGS.find(([beginning]) => what.startsWith(beginning))?.[1] ?? "other";
}
