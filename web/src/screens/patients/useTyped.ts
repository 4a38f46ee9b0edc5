import { useEffect, useState } from "react";
import { useQuery } from "../../app/vaultStore";
import type { Failure, Vault } from "../../vault";

export interface Typed<T> {
  /** Absent until the first answer. */
  data: T | undefined;
  failure: Failure | undefined;
  /** The answer is to something that was typed before; the one to what stands there now is on its way. */
  behind: boolean;
}

/**
 * Asks the vault about what is being typed, at once and one question at a time: while an answer is awaited, further
 * keystrokes only say what is asked next. A slow device so never works through questions that nobody has any more, and a
 * late answer cannot overtake a newer one. The last answer stays in sight until the next one is there.
 */
export function useTyped<T>(
  key: string,
  typed: string,
  ask: (vault: Vault, typed: string) => Promise<T>,
  deps: readonly unknown[] = [],
): Typed<T> {
  const [asked, setAsked] = useState(typed);
  const { data, failure, asking } = useQuery(key, (vault) => ask(vault, asked), [asked, ...deps]);
  const [kept, setKept] = useState<T>();
  useEffect(() => {
    if (!asking) setAsked(typed);
  }, [asking, typed]);
  useEffect(() => {
    if (data !== undefined) setKept(data);
  }, [data]);
  return { data: data ?? kept, failure, behind: asking || asked !== typed };
}
