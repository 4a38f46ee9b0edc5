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

type Colours = [string, string, string, string, string, string, string, string, ...string[]];

/** In the order in which they are read. */
const NAMES = [
  "--text-quiet", "--line", "--surface", "--chart-range", "--good", "--warn", "--bad", "--focus-ring", "--chart-1", "--chart-2", "--chart-3",
];

/** The colours as they are at `place`. They are made of `light-dark()`, so only a computed colour says which one it is. */
export function readInks(place: HTMLElement): Inks {
  // One for each: what changes its colour has the old one for a moment. All are there before one is read, for reading draws.
  const probes = NAMES.map((name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    return probe;
  });
  place.append(...probes);
  const [text, line, surface, range, rangeEdge, warn, bad, focus, ...parts] = probes.map((probe) => getComputedStyle(probe).color) as Colours;
  for (const probe of probes) probe.remove();
  return { text, line, surface, range, rangeEdge, warn, bad, focus, parts };
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
