import { begin } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, PageHeader } from "../../ui";
import { Front } from "./Front";

/** The vault went down while it ran: its keys are gone with it, and a new one is unlocked as after a lock. */
export function Reenter() {
  const texts = useTexts().app.wentDown;
  return (
    <Front>
      <PageHeader title={texts.title} lead={texts.explain} />
      <div className="row">
        <Button variant="primary" icon="sync" onPress={() => void begin()}>{texts.startAgain}</Button>
      </div>
    </Front>
  );
}
