// Screens are loaded when they are first shown, or a little before. One that was loaded is there at once: React's own `lazy`
// first shows what stands in its place, and then that for a third of a second.

import { type ComponentType, useEffect, useState } from "react";
import { useTexts } from "../texts";
import { ProgressBar } from "../ui";

interface Loaded {
  default: ComponentType;
}

const loads: (() => Promise<void>)[] = [];

/** A screen that is the default export of a module. Where that does not arrive, it is a fault of the screen. */
export function screen(module: () => Promise<Loaded>): ComponentType {
  let loaded: ComponentType | undefined;
  const load = async () => {
    loaded ??= (await module()).default;
  };
  loads.push(load);
  return function Screen() {
    const texts = useTexts().common;
    const [Shown, setShown] = useState(() => loaded);
    const [failure, setFailure] = useState<unknown>();
    useEffect(() => {
      if (Shown === undefined) load().then(() => setShown(() => loaded), setFailure);
    }, [Shown]);
    if (failure !== undefined) throw failure;
    return Shown === undefined ? <ProgressBar label={texts.loading} /> : <Shown />;
  };
}

/** Loads all screens, one after the other. One that does not arrive is asked for again by whoever goes there. */
export async function loadScreens(): Promise<void> {
  for (const load of loads) await load().catch(() => undefined);
}
