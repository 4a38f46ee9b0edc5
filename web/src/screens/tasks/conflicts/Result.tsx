import { useMemo } from "react";
import { useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Button, Card, FailureNotice, Notice, TextField, toast } from "../../../ui";
import type { Conflict, Failure } from "../../../vault";
import { outcomeOf } from "./decision";
import { withTyped } from "./typed";
import type { Deciding, Wanted } from "./useDecision";
import { Value } from "./Value";

export interface ResultProps {
  conflict: Conflict;
  deciding: Deciding;
  onDecided(warnings: readonly string[]): void;
}

/** What becomes of the record, shown before it is decided. */
export function Result({ conflict, deciding, onDecided }: ResultProps) {
  const { conflicts: texts, tasks } = useTexts();
  const { decision, act, write } = deciding;
  const preview = usePreview(conflict, deciding);
  const own = decision.text;
  const wanted: Wanted | undefined = own === undefined ? preview.wanted : isJson(own) ? { text: own } : undefined;
  const decide = async () => {
    const done = wanted === undefined ? undefined : await act.run(wanted);
    if (done === undefined) return;
    if (done.outdated) {
      toast(tasks.changedNotDecided, "bad");
      return;
    }
    toast(texts.decided);
    onDecided(done.warnings);
  };
  return (
    <Card title={texts.preview}>
      {own === undefined ? <Preview conflict={conflict} preview={preview} /> : <OwnText text={own} onWrite={write} />}
      <FailureNotice failure={act.failure} />
      <div className="row">
        <Button variant="primary" icon="check" isDisabled={wanted === undefined} isPending={act.busy} onPress={() => void decide()}>
          {texts.decide}
        </Button>
        {own === undefined ? (
          <Button icon="edit" isDisabled={preview.editable === undefined || act.busy} onPress={() => write(preview.editable)}>
            {texts.other}
          </Button>
        ) : (
          <Button icon="back" isDisabled={act.busy} onPress={() => write(undefined)}>{tasks.backToChoices}</Button>
        )}
      </div>
    </Card>
  );
}

interface ResultPreview {
  undecided: number;
  /** The record is deleted. */
  deletes: boolean;
  text: string | undefined;
  /** What was typed has no place in it: it can only be written into the text. */
  unplaced: boolean;
  /** What editing the text begins with: nothing before each element was chosen, for it would choose by itself. */
  editable: string | undefined;
  wanted: Wanted | undefined;
  failure: Failure | undefined;
}

function usePreview(conflict: Conflict, { decision: { choices, of } }: Deciding): ResultPreview {
  const { chart, key } = conflict;
  const outcome = useMemo(() => outcomeOf(conflict, choices), [conflict, choices]);
  const deletes = outcome.is === "version" && outcome.deletes;
  const asked = outcome.is === "open" || deletes ? undefined : outcome.choices;
  const ask = useQuery(
    "combine",
    async (vault) => (asked === undefined ? undefined : vault.combine(chart, key, asked)),
    [chart, key, of, asked ?? null],
  );
  const combined = asked === undefined ? undefined : ask.data;
  const text = useMemo(() => (combined === undefined ? undefined : withTyped(combined, conflict, choices)), [combined, conflict, choices]);
  const ofText: Wanted | undefined = text === undefined ? undefined : { text };
  const failure = asked === undefined ? undefined : ask.failure;
  const isShown = deletes || text !== undefined || failure !== undefined;
  return {
    undecided: outcome.is === "open" ? outcome.undecided : 0,
    deletes,
    text,
    unplaced: combined !== undefined && text === undefined,
    editable: text ?? combined,
    // What one version has is taken by the vault itself, also where no preview can be made of it.
    wanted: outcome.is === "version" && isShown ? { version: outcome.version } : ofText,
    failure,
  };
}

function Preview({ conflict, preview }: { conflict: Conflict; preview: ResultPreview }) {
  const { common, conflicts: texts, tasks } = useTexts();
  const { undecided, deletes, text, unplaced, failure } = preview;
  const isDecided = (path: string) => conflict.elements.some((element) => isIn(path, element.path));
  return (
    <div className="stack">
      <p role="status">{undecided > 0 ? `${texts.undecided(undecided)}. ${tasks.previewLater}` : tasks.previewThere}</p>
      {deletes && <Notice tone="warn">{tasks.deletes}</Notice>}
      {unplaced && <Notice tone="warn">{tasks.unplaced}</Notice>}
      <FailureNotice failure={failure} />
      {undecided === 0 && !deletes && !unplaced && text === undefined && failure === undefined && <p className="quiet">{common.loading}</p>}
      {text !== undefined && <Value json={text} path="" marks={isDecided} />}
    </div>
  );
}

function OwnText({ text, onWrite }: { text: string; onWrite(text: string): void }) {
  const { tasks } = useTexts();
  return (
    <TextField
      label={tasks.fhirText}
      description={tasks.fhirExplain}
      value={text}
      onChange={onWrite}
      error={isJson(text) ? undefined : tasks.fhirBroken}
      rows={20}
      fixed
    />
  );
}

/** Whether a leaf of the record belongs to an element, which is no mark of any where it is the record itself. */
function isIn(path: string, element: string): boolean {
  if (element.endsWith("[x]")) return path.startsWith(element.slice(0, -"[x]".length));
  return path === element || path.startsWith(`${element}.`) || path.startsWith(`${element}[`);
}

/** As far as a page can tell; the vault looks more closely. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
