import { type FormEvent, useEffect, useState } from "react";
import { useAct } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, FailureNotice, Notice, TextField } from "../../ui";
import type { LinkLine } from "../../vault";

export interface LinkStepProps {
  /** The link that the page was opened with; it is read at once. */
  given: string | undefined;
  onInvite(link: string, line: LinkLine): void;
}

/** From a link that somebody was given to an invite that can be used on this page. */
export function LinkStep({ given, onInvite }: LinkStepProps) {
  const { common, enrol } = useTexts();
  const texts = enrol.link;
  const [text, setText] = useState(given ?? "");
  const [problem, setProblem] = useState<string>();
  const read = useAct((vault, link: string) => vault.readLink(link), { writes: false });
  const tryLink = async (link: string) => {
    setProblem(undefined);
    const line = await read.run(link);
    if (line === undefined) return;
    if (line.kind !== "invite") setProblem(texts.notAnInvite);
    // The vault refuses it too (BRW-02); here it is said in the reader's language.
    else if (!line.sameOrigin) setProblem(texts.elsewhere(line.base));
    else onInvite(link, line);
  };
  useEffect(() => {
    if (given !== undefined) void tryLink(given);
    // Once for each link that the page is opened with.
  }, [given]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void tryLink(text.trim());
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextField label={texts.label} description={texts.explain} value={text} onChange={setText} rows={3} fixed isRequired />
      {problem !== undefined && <Notice tone="warn" announce>{problem}</Notice>}
      <FailureNotice failure={read.failure} />
      <div className="row">
        <Button type="submit" variant="primary" isDisabled={text.trim() === ""} isPending={read.busy}>{common.next}</Button>
      </div>
    </form>
  );
}
