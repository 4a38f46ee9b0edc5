// Windows, menus and lists to choose from take the larger half of the component library, and nobody needs them to unlock: they
// are loaded when the first screen is there. Until then something that does nothing stands in their place.

import { useEffect, useState, useSyncExternalStore } from "react";
import { Button } from "./Button";
import { classes } from "./classes";
import type { ConfirmProps, DialogProps } from "./Dialog";
import type { MenuProps } from "./Menu";
import type { SelectProps } from "./Select";

type Above = typeof import("./above");

let above: Above | undefined;
const listeners = new Set<() => void>();

export function Dialog(props: DialogProps) {
  const parts = useAbove();
  return parts === undefined ? null : <parts.Dialog {...props} />;
}

export function Confirm(props: ConfirmProps) {
  const parts = useAbove();
  return parts === undefined ? null : <parts.Confirm {...props} />;
}

export function Menu<Id extends string>(props: MenuProps<Id>) {
  const parts = useAbove({ hasSubstitute: true });
  if (parts !== undefined) return <parts.Menu {...props} />;
  const { entries: _entries, onAction: _onAction, ...button } = props;
  return <Button {...button} isDisabled />;
}

export function Select<Id extends string>(props: SelectProps<Id>) {
  const parts = useAbove({ hasSubstitute: true });
  if (parts !== undefined) return <parts.Select {...props} />;
  return (
    <div className={classes("field", props.className)} aria-busy="true">
      <span className="label">{props.label}</span>
      <div className="input-box" />
    </div>
  );
}

/**
 * The first who asks has them loaded. Where they do not arrive, what stands in their place stays; without a substitute that is a
 * fault of the screen, as of any part of it.
 */
function useAbove({ hasSubstitute = false } = {}): Above | undefined {
  const parts = useSyncExternalStore(subscribe, () => above);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (above === undefined) load().catch(setFailure);
  }, []);
  if (failure !== undefined && !hasSubstitute) throw failure;
  return parts;
}

async function load(): Promise<void> {
  above = await import("./above");
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
