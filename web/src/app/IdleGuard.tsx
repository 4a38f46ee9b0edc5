import { useTexts } from "../texts";
import { Button, Dialog, toast } from "../ui";
import { useIsShownOnce } from "./editing";
import { useIdle } from "./idle";
import { lock } from "./locking";
import { usePreferences } from "./preferences";

/** Warns before the app locks by itself. Any key or tap says that somebody is there. */
export function IdleGuard() {
  const texts = useTexts().app.idle;
  const { idleMinutes } = usePreferences();
  const shownOnce = useIsShownOnce();
  const lockByItself = async () => {
    const unsealed = await lock({ always: true });
    if (unsealed.length > 0) toast(texts.unsealed, "bad");
  };
  const lockNow = () => void lockByItself();
  const { secondsLeft, stay } = useIdle(idleMinutes, lockNow);
  const actions = (
    <>
      <Button icon="lock" onPress={lockNow}>{texts.lockNow}</Button>
      <Button variant="primary" onPress={stay}>{texts.stay}</Button>
    </>
  );
  return (
    <Dialog title={texts.title} open={secondsLeft !== undefined} onClose={stay} actions={actions} urgent>
      <p role="timer">{texts.explain(secondsLeft ?? 0)}</p>
      {shownOnce && <p>{texts.shownOnce}</p>}
    </Dialog>
  );
}
