import { type ReactNode, useId, useMemo } from "react";
import { useTexts } from "../../../texts";
import { Badge, classes, TextField } from "../../../ui";
import type { ConflictAlternative, ConflictElement, ConflictVersion } from "../../../vault";
import type { Choice } from "./decision";
import { differing, leavesOf } from "./leaves";
import { beginningOf, faultIn, isLong, type TypedLeaf, typedLeaf } from "./typed";
import { useElementNames } from "./useElementNames";
import { Value } from "./Value";
import { VersionLine } from "./VersionLine";

export interface ElementFieldProps {
  element: ConflictElement;
  versions: readonly ConflictVersion[];
  choice: Choice | undefined;
  busy: boolean;
  /** Without one, values are shown and nothing can be chosen. */
  onChoose: ((choice: Choice) => void) | undefined;
}

/** One element that was changed apart: every value with who wrote it, side by side, and one of one's own. */
export function ElementField({ element, versions, choice, busy, onChoose }: ElementFieldProps) {
  const { path, alternatives } = element;
  const nameOf = useElementNames();
  const group = useId();
  const leaf = useMemo(() => typedLeaf(element), [element]);
  const differs = useMemo(() => {
    const values = alternatives.map(({ value }) => value).filter((value) => value !== undefined);
    return differing(values.map(leavesOf));
  }, [alternatives]);
  const chosen = choice !== undefined && "version" in choice ? choice.version : "";
  return (
    <fieldset className="decide-element" disabled={busy}>
      <legend>{nameOf(path)}</legend>
      {path !== "" && <p className="quiet fixed">{path}</p>}
      <div className="decide-values">
        {alternatives.map((alternative) => (
          <Alternative
            key={alternative.versions.join(" ")}
            group={group}
            alternative={alternative}
            path={path}
            versions={versions}
            differs={differs}
            chosen={alternative.versions.includes(chosen)}
            onChoose={onChoose && (() => onChoose({ version: alternative.versions[0] ?? "" }))}
          />
        ))}
        {leaf !== undefined && onChoose !== undefined && <OwnValue group={group} leaf={leaf} choice={choice} onChoose={onChoose} />}
      </div>
    </fieldset>
  );
}

interface AlternativeProps {
  group: string;
  alternative: ConflictAlternative;
  path: string;
  versions: readonly ConflictVersion[];
  differs: ReadonlySet<string>;
  chosen: boolean;
  onChoose: (() => void) | undefined;
}

function Alternative({ group, alternative, path, versions, differs, chosen, onChoose }: AlternativeProps) {
  const { conflicts: texts } = useTexts();
  const id = useId();
  const { value } = alternative;
  const behind = versions.filter(({ version }) => alternative.versions.includes(version));
  const removed = path === "" ? texts.deletedBy(behind.map(({ authorName }) => authorName).join(", ")) : texts.removed;
  const who = behind.map((version) => <VersionLine key={version.version} version={version} />);
  return (
    <div className="decide-value">
      {onChoose === undefined ? (
        <div className="decide-who">{who}</div>
      ) : (
        <Pick group={group} chosen={chosen} describedBy={id} onChoose={onChoose}>
          <strong>{texts.keep}</strong>
          {who}
        </Pick>
      )}
      <div id={id} className="decide-what">
        {value === undefined && <Badge tone="warn" icon="trash">{removed}</Badge>}
        {value !== undefined && <Value json={value} path={path} marks={(inner) => differs.has(inner)} />}
      </div>
    </div>
  );
}

interface PickProps {
  group: string;
  chosen: boolean;
  describedBy?: string;
  onChoose(): void;
  children: ReactNode;
}

/** The browser's own radio button: arrow keys go from one value of the element to the next. */
function Pick({ group, chosen, describedBy, onChoose, children }: PickProps) {
  return (
    <label className={classes("decide-pick", chosen && "decide-picked")}>
      <input type="radio" name={group} checked={chosen} onChange={onChoose} aria-describedby={describedBy} />
      <span className="decide-who">{children}</span>
    </label>
  );
}

interface OwnValueProps {
  group: string;
  leaf: TypedLeaf;
  choice: Choice | undefined;
  onChoose(choice: Choice): void;
}

function OwnValue({ group, leaf, choice, onChoose }: OwnValueProps) {
  const { tasks: texts } = useTexts();
  const typed = choice !== undefined && "typed" in choice ? choice.typed : undefined;
  const wrong = typed !== undefined && faultIn(leaf, typed) === "noNumber";
  return (
    <div className="decide-value">
      <Pick group={group} chosen={typed !== undefined} onChoose={() => onChoose({ typed: beginningOf(leaf) })}>
        <strong>{texts.ownValue}</strong>
        <span className="quiet small">{isLong(leaf) ? texts.ownText : texts.ownExplain}</span>
      </Pick>
      {typed !== undefined && (
        <div className="decide-what">
          <TextField
            label={texts.ownLabel}
            value={typed}
            onChange={(text) => onChoose({ typed: text })}
            error={wrong ? texts.ownNoNumber : undefined}
            inputMode={leaf.kind === "number" ? "decimal" : "text"}
            {...(isLong(leaf) ? { rows: 10 } : {})}
          />
        </div>
      )}
    </div>
  );
}
