import { useEffect, useRef, useState } from "react";
import { useShownOnce } from "../../app/editing";
import { useFormat, useTexts } from "../../texts";
import { Button, Card, Confirm, Notice, toast } from "../../ui";
import { QrCode } from "../../ui/QrCode";
import type { InviteForm as Invited, InviteMade } from "../../vault";
import { inviteWords } from "./inviteWords";

export interface InviteSheetProps {
  form: Invited;
  invite: InviteMade;
  onDone(): void;
}

/** An invite as it is handed over: shown once, on the screen or on paper. */
export function InviteSheet({ form, invite, onDone }: InviteSheetProps) {
  const texts = useTexts();
  const { admin, common } = texts;
  const words = admin.invites;
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const sheet = useRef<HTMLDivElement>(null);
  useShownOnce();
  // The form that had the keyboard is gone; who listens to the page hears what came in its place.
  useEffect(() => sheet.current?.focus(), []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(invite.link);
      toast(common.copied);
    } catch {
      // The browser says no in several ways and none of them helps; the link is there to be selected.
      toast(common.copyFailed, "bad");
    }
  };
  const actions = (
    <div className="row screen-only">
      <Button icon="copy" onPress={() => void copy()}>{words.copy}</Button>
      <Button icon="print" onPress={() => window.print()}>{common.print}</Button>
    </div>
  );
  return (
    <div ref={sheet} className="admin-focus" tabIndex={-1}>
      <Card title={words.sheetTitle} actions={actions}>
        <Notice tone="warn">{words.sheetExplain} {words.lead}</Notice>
        <p>
          <strong>{inviteWords(form, texts, format)}</strong>
          <br />
          {words.expires(format.dateTime(invite.expiresMs))}
        </p>
        <div className="invite-sheet keep-together">
          <QrCode text={invite.link} label={words.qrLabel} />
          <ol className="invite-steps">
            {(form.role === undefined ? words.stepsDevice : words.steps).map((step) => <li key={step}>{step}</li>)}
          </ol>
        </div>
        <div className="field">
          <span className="label">{words.link}</span>
          <p className="code-words invite-link" translate="no">{invite.link}</p>
          <span className="description screen-only">{words.copyWarning}</span>
        </div>
        <div className="row row-end screen-only">
          <Button variant="primary" icon="check" onPress={() => setAsking(true)}>{words.handedOver}</Button>
        </div>
      </Card>
      <Confirm
        title={words.closeTitle}
        open={asking}
        action={words.handedOver}
        onConfirm={onDone}
        onCancel={() => setAsking(false)}
      >
        <p>{words.closeExplain}</p>
      </Confirm>
    </div>
  );
}
