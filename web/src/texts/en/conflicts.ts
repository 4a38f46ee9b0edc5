import { plural } from "../plural";

export const conflicts = {
  title: "Changed by two people",
  lead: "Nothing was lost, and nothing is decided by itself. It can wait as long as it takes.",
  elements: (count: number) => plural(count, "item to decide", "items to decide"),
  question: "Which one is right?",
  version: (name: string, when: string) => `${name}, ${when}`,
  on: (device: string) => `on ${device}`,
  removed: "Removed",
  wholeRecord: "The record as a whole",
  deletedBy: (name: string) => `${name} deleted it`,
  keep: "Take this",
  takeWhole: (name: string) => `Take everything from ${name}`,
  other: "Something else: edit the text",
  preview: "This is what is saved",
  decide: "Decide",
  decided: "Decided. Both versions stay in the history.",
  undecided: (count: number) => `${plural(count, "item is", "items are")} not decided yet`,
  later: "Later",
  shownMeanwhile: "Shown until somebody decides",
};
