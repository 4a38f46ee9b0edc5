import { type FormEvent, useEffect, useRef, useState } from "react";
import { useAct, useMe, useVaultLine } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, FailureNotice, Notice, TextField } from "../../ui";
import type { ExtensionCode } from "../../vault";
import { NumberField, wholeNumber } from "./NumberField";

/** LSE-05. */
const HOURS = [1, 168] as const;
const HOURS_AT_FIRST = "24";
/** Ids of a device (16 bytes) and of its lease (32 bytes). */
const REQUEST = /^[0-9a-f]{32}-[0-9a-f]{64}$/;
const REQUEST_CHARS = 97;

/** More time without the server for a device that cannot reach it, by telephone. */
export function Extension() {
  const words = useTexts().admin.extension;
  const { role } = useMe();
  const { server } = useVaultLine();
  const [code, setCode] = useState<ExtensionCode>();
  if (server === undefined) return <Card title={words.for}><p>{words.hereNone}</p></Card>;
  const maySign = role === "officer" || role === "admin";
  return (
    <>
      <Card title={words.for}>
        <p className="quiet">{words.lead}</p>
        {!maySign && <Notice tone="neutral">{words.officersOnly}</Notice>}
        {maySign && (code === undefined ? <Request onCode={setCode} /> : <Lines code={code} onDone={() => setCode(undefined)} />)}
      </Card>
      <ThisDevice />
    </>
  );
}

function Request({ onCode }: { onCode(code: ExtensionCode): void }) {
  const words = useTexts().admin.extension;
  const [request, setRequest] = useState("");
  const [hoursText, setHoursText] = useState(HOURS_AT_FIRST);
  const act = useAct((vault, of: string, count: number) => vault.signExtension(of, count), { writes: false });
  const typed = request.replace(/\s/g, "").toLowerCase();
  const isRequest = REQUEST.test(typed);
  const hours = wholeNumber(hoursText, HOURS);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isRequest || hours === undefined) return;
    const code = await act.run(typed, hours);
    if (code !== undefined) onCode(code);
  };
  return (
    <form className="stack measure" onSubmit={(event) => void submit(event)}>
      <ol className="invite-steps">{words.steps.map((step) => <li key={step}>{step}</li>)}</ol>
      <TextField
        label={words.request}
        description={words.requestExplain}
        // Nobody is told that they are wrong before they have typed all of it.
        error={typed.length >= REQUEST_CHARS && !isRequest ? words.requestWrong : undefined}
        value={request}
        onChange={setRequest}
        rows={3}
        fixed
      />
      <NumberField
        label={words.hours}
        explain={words.hoursExplain}
        wrong={words.hoursWrong}
        suffix={words.hoursSuffix}
        range={HOURS}
        typed={hoursText}
        onChange={setHoursText}
      />
      <FailureNotice failure={act.failure} />
      <div className="row">
        <Button type="submit" variant="primary" icon="key" isDisabled={!isRequest || hours === undefined} isPending={act.busy}>{words.submit}</Button>
      </div>
    </form>
  );
}

function Lines({ code, onDone }: { code: ExtensionCode; onDone(): void }) {
  const words = useTexts().admin.extension;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="stack">
      <h3 ref={heading} className="admin-focus" tabIndex={-1}>{words.read(code.hours)}</h3>
      <ol className="spoken-lines">
        {code.lines.map((line, at) => (
          <li key={at}>
            <span className="label">{words.line(at + 1)}</span>
            {/* In groups of three, as they are read out and repeated. */}
            <p className="spoken-words" lang="en" translate="no">
              {inGroups(line.split(" "), 3, " ").map((group, at) => <span key={at}>{group} </span>)}
            </p>
          </li>
        ))}
      </ol>
      <p className="quiet">{words.readExplain}</p>
      <div className="row">
        <Button icon="check" onPress={onDone}>{words.another}</Button>
      </div>
    </div>
  );
}

function ThisDevice() {
  const words = useTexts().admin.extension;
  const format = useFormat();
  const { lease } = useVaultLine();
  if (lease === undefined) return null;
  return (
    <Card title={words.here}>
      <p>{words.hereUntil(format.dateTime(lease.untilMs))}</p>
      <p>{words.hereRequest}</p>
      <p className="code-words" translate="no">{lease.request.split("-").map((id) => inGroups([...id], 4, "").join(" ")).join(" - ")}</p>
    </Card>
  );
}

/** So many words or digits at a time are remembered while they are said. */
function inGroups(parts: readonly string[], size: number, between: string): string[] {
  return parts.flatMap((_, at) => (at % size === 0 ? [parts.slice(at, at + size).join(between)] : []));
}
