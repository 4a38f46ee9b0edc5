import { useState } from "react";
import { useEditing } from "../../../app/editing";
import { type Act, currentVault, useAct } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { type Conflict, failureOf, type Vault } from "../../../vault";
import { decisionKey } from "../drafts/places";
import { type Choice, choicesOf, type Decision, isUndecided, readDecision, stampOf, undecided } from "./decision";

/** What becomes of a record: everything from one version, or a text. */
export type Wanted = { version: string } | { text: string };

export interface Decided {
  /** Somebody has changed the record since: nothing was decided. */
  outdated: boolean;
  /** What looks wrong and was saved all the same. */
  warnings: readonly string[];
}

export interface Deciding {
  decision: Decision;
  /** What was chosen before somebody changed the record once more. */
  outdated: Decision | undefined;
  choose(path: string, choice: Choice): void;
  chooseAll(version: string): void;
  /** The whole text; `undefined` goes back to the choices. */
  write(text: string | undefined): void;
  act: Act<[Wanted], Decided>;
}

/** A decision while it is made. It is kept as drafts are, until it is made or thrown away. */
export function useDecision(conflict: Conflict, draft: string | undefined): Deciding {
  const texts = useTexts().tasks;
  const { chart, key, patient } = conflict;
  const of = stampOf(conflict);
  const place = decisionKey(chart, key);
  const [made, setMade] = useState<Decision>(() => readDecision(draft) ?? undecided(of));
  const isCurrent = made.of === of;
  const decision = isCurrent ? made : undecided(of);
  const seal = () => {
    const vault = currentVault();
    return isUndecided(made) ? vault.dropDraft(place) : vault.saveDraft(place, JSON.stringify({ ...made, patient }));
  };
  const editing = useEditing(texts.decision, seal, !isUndecided(made));
  const change = (next: Partial<Decision>) => {
    setMade({ ...decision, ...next });
    editing.touched();
  };
  const act = useAct(async (vault, wanted: Wanted): Promise<Decided> => {
    let warnings: string[];
    try {
      warnings = await settle(vault, conflict, wanted);
    } catch (error) {
      if (failureOf(error).kind !== "conflict") throw error;
      return { outdated: true, warnings: [] };
    }
    editing.finished();
    await vault.dropDraft(place);
    return { outdated: false, warnings };
  });
  return {
    decision,
    outdated: isCurrent || isUndecided(made) ? undefined : made,
    choose: (path, choice) => change({ choices: { ...decision.choices, [path]: choice } }),
    chooseAll: (version) => change({ choices: choicesOf(conflict, version), text: undefined }),
    write: (text) => change({ text }),
    act,
  };
}

/** Deciding replaces every version, so the vault is told which ones were looked at. */
async function settle(vault: Vault, conflict: Conflict, wanted: Wanted): Promise<string[]> {
  const { chart, key } = conflict;
  const versions = conflict.versions.map(({ version }) => version);
  if ("text" in wanted) return (await vault.decide(chart, key, wanted.text, versions)).warnings;
  await vault.takeVersion(chart, key, wanted.version, versions);
  return [];
}
