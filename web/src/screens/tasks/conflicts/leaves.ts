// A JSON text as its leaves, the values that hold no others, each as it is written: 36.50 stays 36.50.

export interface Leaf {
  /** `coding[0].display`; empty where the text is one value. */
  path: string;
  /** As it stands in the text, strings with their quotes. */
  raw: string;
  /** Where it begins and ends in the text. */
  from: number;
  to: number;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const CLOSING: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/** In the order of the text, which is JSON. */
export function leavesOf(json: string): Leaf[] {
  const tokens = [...json.matchAll(TOKEN)];
  const leaves: Leaf[] = [];
  let at = 0;
  const is = (said: string | undefined) => tokens[at]?.[0] === said;
  const value = (path: string): void => {
    const token = tokens[at];
    if (token === undefined) return;
    at += 1;
    const said = token[0];
    const closing = CLOSING[said];
    if (closing === undefined || is(closing)) {
      const last = closing === undefined ? token : (tokens[at] ?? token);
      if (closing !== undefined) at += 1;
      const to = last.index + last[0].length;
      leaves.push({ path, raw: json.slice(token.index, to), from: token.index, to });
      return;
    }
    for (let item = 0; at < tokens.length; item += 1) {
      if (said === "{") {
        const name = stringIn(tokens[at]?.[0] ?? "");
        // The name and its colon.
        at += 2;
        value(joined(path, name));
      } else {
        value(`${path}[${item}]`);
      }
      const more = is(",");
      at += 1;
      if (!more) return;
    }
  };
  value("");
  return leaves;
}

/** The path of an element's leaf in the resource. */
export function joined(path: string, inner: string): string {
  if (path === "" || inner === "") return path + inner;
  return inner.startsWith("[") ? path + inner : `${path}.${inner}`;
}

/** What a string says; anything else as it is written. */
export function stringIn(raw: string): string {
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

/** Paths at which several texts do not have the same. */
export function differing(texts: readonly (readonly Leaf[])[]): Set<string> {
  const values = new Map<string, string[]>();
  for (const { path, raw } of texts.flat()) values.set(path, [...(values.get(path) ?? []), raw]);
  const differs = (raws: readonly string[]) => raws.length < texts.length || raws.some((raw) => raw !== raws[0]);
  return new Set([...values].filter(([, raws]) => differs(raws)).map(([path]) => path));
}
