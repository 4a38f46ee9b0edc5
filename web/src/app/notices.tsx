// What concerns the device and not a screen: storage that the browser may take away, and a version that waits.

import { useEffect, useState } from "react";
import { useTexts } from "../texts";
import { Button, Notice } from "../ui";
import { askToPersist } from "../vault";
import { changeBuild, useNewBuildWaits } from "./build";
import { useIsEditing } from "./editing";

/** Some browsers delete what is stored after a week without a visit, unless they have promised not to. */
export function StorageNotice() {
  const texts = useTexts().app.notPersisted;
  const [persisted, setPersisted] = useState(true);
  const [hidden, setHidden] = useState(false);
  useEffect(() => {
    let current = true;
    // A browser says yes without asking a person where the app is installed or often used.
    void askToPersist().then((is) => current && setPersisted(is));
    return () => {
      current = false;
    };
  }, []);
  if (persisted || hidden) return null;
  const ask = <Button onPress={() => void askToPersist().then(setPersisted)}>{texts.ask}</Button>;
  const hide = <Button variant="quiet" onPress={() => setHidden(true)}>{texts.hide}</Button>;
  return (
    <Notice tone="warn" title={texts.title} className="screen-only" actions={<>{ask}{hide}</>}>
      {texts.explain}
    </Notice>
  );
}

export function NewBuildNotice() {
  const texts = useTexts().app.update;
  const waits = useNewBuildWaits();
  const editing = useIsEditing();
  const [hidden, setHidden] = useState(false);
  if (!waits || hidden) return null;
  const now = <Button isDisabled={editing} onPress={changeBuild}>{texts.now}</Button>;
  return (
    <Notice className="screen-only" title={texts.ready} actions={now} onClose={() => setHidden(true)} announce>
      {editing ? texts.editing : undefined}
    </Notice>
  );
}
