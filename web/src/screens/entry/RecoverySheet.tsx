// Codes that are shown once. Each goes on a sheet of its own; the app goes on only when somebody says that it is on paper.

import { type ReactNode, useState } from "react";
import { useShownOnce } from "../../app/editing";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, Checkbox, Notice, PageHeader } from "../../ui";

export interface RecoverySheetProps {
  user: string;
  /** Its name is known while it is made: no vault keeps it. */
  organisation: { id: string; name?: string };
  /** None where only a device has joined. */
  code?: string | undefined;
  /** Shares of the organisation's root key, and how many of them are needed. */
  shares?: { texts: readonly string[]; needed: number };
  /** Something that could not be done, and is done later. */
  note?: string | undefined;
  onDone(): void;
}

export function RecoverySheet({ user, organisation, code, shares, note, onDone }: RecoverySheetProps) {
  const { common, enrol } = useTexts();
  const texts = enrol.recovery;
  const [kept, setKept] = useState(false);
  useShownOnce();
  const { id, name } = organisation;
  return (
    <>
      <PageHeader
        title={texts.title}
        lead={texts.lead}
        actions={<Button icon="print" onPress={() => window.print()}>{common.print}</Button>}
      />
      {note !== undefined && <Notice tone="warn" className="screen-only">{note}</Notice>}
      {code !== undefined && (
        <Sheet title={texts.codeFor(name === undefined ? user : `${user}, ${name}`)} words={code} organisation={id}>{texts.explain}</Sheet>
      )}
      {shares !== undefined && (
        <section className="stack">
          <h2 className="screen-only">{texts.sharesTitle}</h2>
          {shares.texts.map((share, at) => {
            const which = texts.share(at + 1, shares.texts.length);
            return (
              <Sheet key={share} title={name === undefined ? which : `${name}: ${which}`} words={share} organisation={id} className="new-page">
                {texts.sharesExplain(shares.needed, shares.texts.length)}
              </Sheet>
            );
          })}
        </section>
      )}
      <div className="row row-apart screen-only">
        <Checkbox selected={kept} onChange={setKept}>{texts.kept}</Checkbox>
        <Button variant="primary" isDisabled={!kept} onPress={onDone}>{texts.goOn}</Button>
      </div>
    </>
  );
}

interface SheetProps {
  title: string;
  /** Of the code or share. */
  words: string;
  /** Its id. */
  organisation: string;
  children: ReactNode;
  className?: string;
}

function Sheet({ title, words, organisation, children, className = "" }: SheetProps) {
  const texts = useTexts().enrol.recovery;
  const made = useFormat().dateTime(Date.now());
  return (
    <Card title={title} className={className}>
      <p className="code-words">{words}</p>
      <p>{children}</p>
      <p className="quiet small">{texts.organisationNumber(numberOf(organisation))}</p>
      <p className="quiet small">{texts.madeOn(made)}</p>
    </Card>
  );
}

/** As much of an id as tells organisations apart on paper: "3f2a 9c01 77de 0b4c". */
function numberOf(id: string): string {
  return id.slice(0, 16).replace(/.{4}(?=.)/g, "$& ");
}
