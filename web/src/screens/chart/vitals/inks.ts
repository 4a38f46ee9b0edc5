// A canvas knows no custom properties: the colours of the theme are read from the page, and again when the theme changes.

export interface Inks {
  text: string;
  line: string;
  surface: string;
  /** One for each line of a graph. */
  parts: readonly string[];
  range: string;
  rangeEdge: string;
  warn: string;
  bad: string;
  focus: string;
}

/** The colours as they are at `place`. They are made of `light-dark()`, so only a computed colour says which one it is. */
export function readInks(place: HTMLElement): Inks {
  const ink = (name: string) => {
    // One for each: what changes its colour has the old one for a moment, also where the page asks for no motion.
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    place.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  return {
    text: ink("--text-quiet"),
    line: ink("--line"),
    surface: ink("--surface"),
    parts: [ink("--chart-1"), ink("--chart-2"), ink("--chart-3")],
    range: ink("--chart-range"),
    rangeEdge: ink("--good"),
    warn: ink("--warn"),
    bad: ink("--bad"),
    focus: ink("--focus-ring"),
  };
}

/** Calls back when the theme changes, by the member's choice or by the device's. Returns what ends it. */
export function onThemeChange(listener: () => void): () => void {
  const root = document.documentElement;
  const chosen = new MutationObserver(listener);
  chosen.observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  const media = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const query of media) query.addEventListener("change", listener);
  return () => {
    chosen.disconnect();
    for (const query of media) query.removeEventListener("change", listener);
  };
}
