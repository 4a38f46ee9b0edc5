// Codes that are shown once. Each goes on a sheet of its own; the app goes on only when somebody says that it is on paper.

import { useState } from "react";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, Checkbox, Notice, PageHeader } from "../../ui";

export interface RecoverySheetProps {
  user: string;
  organisation: string;
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
  const made = useFormat().dateTime(Date.now());
  const [kept, setKept] = useState(false);
  return (
    <>
      <PageHeader
        title={texts.title}
        lead={texts.lead}
        actions={<Button icon="print" onPress={() => window.print()}>{common.print}</Button>}
      />
      {note !== undefined && <Notice tone="warn" className="screen-only">{note}</Notice>}
      {code !== undefined && (
        <Card title={texts.codeFor(user, organisation)}>
          <p className="code-words">{code}</p>
          <p>{texts.explain}</p>
          <p className="quiet small">{texts.madeOn(made)}</p>
        </Card>
      )}
      {shares !== undefined && (
        <section className="stack">
          <h2 className="screen-only">{texts.sharesTitle}</h2>
          {shares.texts.map((share, at) => (
            <Card key={share} title={`${organisation}: ${texts.share(at + 1, shares.texts.length)}`} className="new-page">
              <p className="code-words">{share}</p>
              <p>{texts.sharesExplain(shares.needed, shares.texts.length)}</p>
              <p className="quiet small">{texts.madeOn(made)}</p>
            </Card>
          ))}
        </section>
      )}
      <div className="row row-apart screen-only">
        <Checkbox selected={kept} onChange={setKept}>{texts.kept}</Checkbox>
        <Button variant="primary" isDisabled={!kept} onPress={onDone}>{texts.goOn}</Button>
      </div>
    </>
  );
}
