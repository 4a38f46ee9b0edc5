import { useTexts } from "../../../texts";

const STEP = /^(.+?)((?:\[\d+\])*)$/;

/** What an element is called: "Name · Family name", "Phone or mail 2 · Value". One without a word by its FHIR name. */
export function useElementNames(): (path: string) => string {
  const { conflicts, tasks } = useTexts();
  const words = tasks.elementNames;
  const nameOf = (step: string) => {
    const [, name = step, indexes = ""] = STEP.exec(step) ?? [];
    const numbers = [...indexes.matchAll(/\d+/g)].map(([index]) => Number(index) + 1);
    const said = (Object.hasOwn(words, name) ? words[name] : undefined) ?? name;
    // The first of a list is mostly the only one.
    return [said, ...numbers.filter((number) => number > 1)].join(" ");
  };
  return (path) => (path === "" ? conflicts.wholeRecord : path.split(".").map(nameOf).join(" · "));
}
