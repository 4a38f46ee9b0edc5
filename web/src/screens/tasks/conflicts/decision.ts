// What somebody has chosen so far between versions that differ. Nothing is chosen for them, by a clock or by anything else.

import type { Conflict, ConflictAlternative, ConflictElement, ElementChoice } from "../../../vault";
import { faultIn, typedLeaf } from "./typed";

/** For one element: the value of a version, or one of their own. */
export type Choice = { version: string } | { typed: string };
/** By the path of the element. */
export type Choices = Readonly<Record<string, Choice>>;

export interface Decision {
  /** Between which versions. With another one among them, it has to be made anew. */
  of: string;
  choices: Choices;
  /** The whole record, where somebody edits its text. */
  text: string | undefined;
}

/** What there is to do with it. */
export type Outcome =
  | { is: "open"; undecided: number }
  /** One version has all that was chosen. */
  | { is: "version"; version: string; deletes: boolean; choices: ElementChoice[] }
  | { is: "combined"; choices: ElementChoice[] };

export function stampOf({ versions }: Conflict): string {
  return versions.map(({ version }) => version).toSorted().join(" ");
}

export function undecided(of: string): Decision {
  return { of, choices: {}, text: undefined };
}

export function isUndecided({ choices, text }: Decision): boolean {
  return text === undefined && Object.keys(choices).length === 0;
}

/** What was kept of it; `undefined` where there is none, or where another version of the app wrote it in another way. */
export function readDecision(draft: string | undefined): Decision | undefined {
  if (draft === undefined) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(draft);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { of, choices, text } = (said ?? {}) as Partial<Record<keyof Decision, unknown>>;
  if (typeof of !== "string" || typeof choices !== "object" || choices === null) return undefined;
  const read = Object.entries(choices).filter((entry): entry is [string, Choice] => isChoice(entry[1]));
  return { of, choices: Object.fromEntries(read), text: typeof text === "string" ? text : undefined };
}

/** Everything from one version. */
export function choicesOf({ elements }: Conflict, version: string): Choices {
  return Object.fromEntries(elements.map(({ path }) => [path, { version }]));
}

export function outcomeOf(conflict: Conflict, choices: Choices): Outcome {
  const chosen = conflict.elements.flatMap((element) => chosenIn(element, choices[element.path]));
  const missing = conflict.elements.length - chosen.length;
  if (missing > 0) return { is: "open", undecided: missing };
  const elementChoices = chosen.map(({ path, version }) => ({ path, version }));
  const isWhole = (version: string) => chosen.every(({ alternative }) => alternative?.versions.includes(version) === true);
  const whole = conflict.versions.find(({ version }) => isWhole(version));
  if (whole === undefined) return { is: "combined", choices: elementChoices };
  const deletes = chosen.some(({ path, alternative }) => path === "" && alternative?.value === undefined);
  return { is: "version", version: whole.version, deletes, choices: elementChoices };
}

interface Chosen extends ElementChoice {
  /** Absent for a value that was typed: it is put in the place of what the version has. */
  alternative: ConflictAlternative | undefined;
}

/** Nothing, or one. */
function chosenIn(element: ConflictElement, choice: Choice | undefined): Chosen[] {
  const { path } = element;
  if (choice === undefined) return [];
  if ("version" in choice) {
    const alternative = element.alternatives.find(({ versions }) => versions.includes(choice.version));
    return alternative === undefined ? [] : [{ path, version: choice.version, alternative }];
  }
  const leaf = typedLeaf(element);
  if (leaf === undefined || faultIn(leaf, choice.typed) !== undefined) return [];
  return [{ path, version: leaf.version, alternative: undefined }];
}

function isChoice(said: unknown): said is Choice {
  if (typeof said !== "object" || said === null) return false;
  const { version, typed } = said as { version?: unknown; typed?: unknown };
  return typeof version === "string" || typeof typed === "string";
}
