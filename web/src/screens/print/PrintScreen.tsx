// A handover on paper: who it is about stands on every page, with the time, and who printed it.

import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { Link, useParams } from "wouter";
import { lock } from "../../app/locking";
import { useQuery } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Checkbox, FailureNotice, PageHeader } from "../../ui";
import "../../styles/handover.css";
import { HandoverBody } from "./HandoverBody";
import { HandoverHead } from "./HandoverHead";
import { SaveFhir } from "./SaveFhir";

/** Sections of the International Patient Summary that the printed page of the vault has no lines of its own for. */
const OTHER_KINDS = ["Immunization", "Procedure", "Device", "DeviceUseStatement", "CarePlan"];
/** More fill a ream; what is left out is counted on the page. */
const OTHERS_MAX = 300;

export default function PrintScreen() {
  const { app, common, print: words } = useTexts();
  const chart = useParams()["chart"] ?? "";
  const page = useQuery("printPage", (vault) => vault.printPage(chart), [chart]);
  const others = useQuery("printOthers", (vault) => vault.timeline(chart, { kinds: OTHER_KINDS, skip: 0, most: OTHERS_MAX }), [chart]);
  const [withCourse, setWithCourse] = useState(true);
  const printedMs = usePrintedMs();
  const failure = page.failure ?? others.failure;
  const ready = page.data !== undefined && others.data !== undefined;
  const actions = (
    <>
      <Link href={`/patients/${chart}`} className="button button-secondary">{words.back}</Link>
      <SaveFhir chart={chart} />
      {/* The frame with its own button is not around this screen. There is nothing here that could be half written. */}
      <Button icon="lock" onPress={() => void lock({ always: true })}>{app.lock}</Button>
      <Button variant="primary" icon="print" isDisabled={!ready} onPress={() => window.print()}>{common.print}</Button>
    </>
  );
  return (
    <main className="handover-page">
      <div className="stack screen-only">
        <PageHeader title={words.title} lead={words.lead} actions={actions} />
        <Checkbox selected={withCourse} onChange={setWithCourse}>{words.withCourse}</Checkbox>
        <FailureNotice failure={failure} />
        {!ready && failure === undefined && <p className="quiet" role="status">{words.preparing}</p>}
      </div>
      {page.data !== undefined && others.data !== undefined && (
        <article className="handover" aria-label={words.sheet}>
          <HandoverHead page={page.data} printedMs={printedMs} />
          <HandoverBody page={page.data} others={others.data} withCourse={withCourse} />
        </article>
      )}
    </main>
  );
}

/** When it is printed, and not when somebody began to look at it. */
function usePrintedMs(): number {
  const [printedMs, setPrintedMs] = useState(() => Date.now());
  useEffect(() => {
    // The browser takes the page as it is when this returns.
    const now = () => flushSync(() => setPrintedMs(Date.now()));
    window.addEventListener("beforeprint", now);
    return () => window.removeEventListener("beforeprint", now);
  }, []);
  return printedMs;
}
