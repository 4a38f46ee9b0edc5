// What members set for themselves: display, lock, password, recovery code, keys.

import { type FormEvent, useState } from "react";
import { IDLE_MINUTES, setPreferences, type Theme, usePreferences } from "../../app/preferences";
import { useAct, useDeviceName, useMe, useQuery, useVaultLine } from "../../app/vaultStore";
import { type Language, LANGUAGES, useLanguage, useTexts } from "../../texts";
import { Button, Card, FailureNotice, PageHeader, ProgressBar, Radios, Select, toast } from "../../ui";
import { isGood, NewPassword, NOTHING_TYPED, PASSWORD_CHARS_MIN } from "./NewPassword";
import { RecoverySheet } from "./RecoverySheet";

export default function AccountScreen() {
  const { enrol, unlock } = useTexts();
  const me = useMe();
  const { organisation } = useVaultLine();
  const deviceName = useDeviceName();
  const [words, setWords] = useState<string>();
  if (words !== undefined) {
    return (
      <RecoverySheet
        user={me.user}
        organisation={{ id: organisation }}
        code={words}
        note={enrol.recovery.again}
        onDone={() => setWords(undefined)}
      />
    );
  }
  return (
    <>
      <PageHeader title={unlock.settings.title} lead={unlock.settings.lead(deviceName)} />
      <div className="columns">
        <Display />
        <ChangePassword />
        <NewCode onMade={setWords} />
        <ReplaceKeys onMade={setWords} />
      </div>
    </>
  );
}

function Display() {
  const { common, unlock } = useTexts();
  const preferences = usePreferences();
  const language = useLanguage();
  const languages = Object.entries(LANGUAGES) as [Language, (typeof LANGUAGES)[Language]][];
  const themes = Object.entries(common.themes) as [Theme, string][];
  return (
    <Card title={unlock.settings.display}>
      <Select
        label={common.language}
        options={languages.map(([id, { name }]) => ({ id, label: name }))}
        value={language}
        onChange={(chosen) => void setPreferences({ language: chosen })}
      />
      <Radios
        label={common.theme}
        bar
        options={themes.map(([id, label]) => ({ id, label }))}
        value={preferences.theme}
        onChange={(theme) => void setPreferences({ theme })}
      />
      <Select
        label={unlock.settings.idle}
        options={IDLE_MINUTES.map((minutes) => ({ id: String(minutes), label: common.minutes(minutes) }))}
        value={String(preferences.idleMinutes)}
        onChange={(minutes) => void setPreferences({ idleMinutes: Number(minutes) })}
      />
    </Card>
  );
}

function useLeast(): number {
  return useQuery("policy", (vault) => vault.policy()).data?.passwordCharsMin ?? PASSWORD_CHARS_MIN;
}

function ChangePassword() {
  const { enrol, unlock } = useTexts();
  const texts = unlock.changePassword;
  const least = useLeast();
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const change = useAct(async (vault) => {
    await vault.changePassword(typed.password);
    return true;
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await change.run()) === undefined) return;
    setTyped(NOTHING_TYPED);
    toast(texts.changed);
  };
  return (
    <Card title={texts.title}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <NewPassword typed={typed} onChange={setTyped} least={least} />
        <FailureNotice failure={change.failure} />
        {change.busy && <ProgressBar label={enrol.working} />}
        <div className="row">
          <Button type="submit" isDisabled={!isGood(typed, least)} isPending={change.busy}>{texts.title}</Button>
        </div>
      </form>
    </Card>
  );
}

function NewCode({ onMade }: { onMade(words: string): void }) {
  const texts = useTexts().unlock.newRecoveryCode;
  const make = useAct((vault) => vault.newRecoveryCode(), { once: true });
  const run = async () => {
    const made = await make.run();
    if (made !== undefined) onMade(made.words);
  };
  return (
    <Card title={texts.title}>
      <p className="quiet">{texts.explain}</p>
      <FailureNotice failure={make.failure} />
      <div className="row">
        <Button icon="key" isPending={make.busy} onPress={() => void run()}>{texts.submit}</Button>
      </div>
    </Card>
  );
}

function ReplaceKeys({ onMade }: { onMade(words: string): void }) {
  const { enrol, unlock } = useTexts();
  const texts = unlock.replaceKeys;
  const least = useLeast();
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const replace = useAct((vault) => vault.replaceKeys(typed.password), { once: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await replace.run();
    if (made === undefined) return;
    setTyped(NOTHING_TYPED);
    onMade(made.words);
  };
  return (
    <Card title={texts.title}>
      <p className="quiet">{texts.explain}</p>
      <details>
        <summary>{texts.title}</summary>
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <NewPassword typed={typed} onChange={setTyped} least={least} />
          <FailureNotice failure={replace.failure} />
          {replace.busy && <ProgressBar label={enrol.working} />}
          <div className="row">
            <Button type="submit" variant="danger" isDisabled={!isGood(typed, least)} isPending={replace.busy}>{texts.submit}</Button>
          </div>
        </form>
      </details>
    </Card>
  );
}
