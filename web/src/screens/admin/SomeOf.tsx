import { useId } from "react";
import { useTexts } from "../../texts";
import { Checkbox, type Option } from "../../ui";

export interface SomeOfProps {
  label: string;
  description?: string;
  options: readonly Option[];
  chosen: ReadonlySet<string>;
  onToggle(id: string): void;
  /** Stands in place of the choices where there are none. */
  none?: string;
  disabled?: boolean;
}

/** Any of some things that are all in sight, in columns where there is room. */
export function SomeOf({ label, description, options, chosen, onToggle, none, disabled = false }: SomeOfProps) {
  const { common } = useTexts();
  const id = useId();
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span className="label" id={id}>{label}</span>
      {description !== undefined && <span className="description">{description}</span>}
      {options.length === 0 && <span className="quiet">{none ?? common.none}</span>}
      <div className="admin-choices">
        {options.map((option) => (
          <Checkbox key={option.id} selected={chosen.has(option.id)} onChange={() => onToggle(option.id)} disabled={disabled}>
            {option.label}
            {option.description !== undefined && <span className="description"> {option.description}</span>}
          </Checkbox>
        ))}
      </div>
    </div>
  );
}

/** The same set with this one in or out. */
export function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
