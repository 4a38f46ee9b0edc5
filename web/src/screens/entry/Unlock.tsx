import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { setLink, setStatus, useAct, useExpected, useLink, usePeople } from "../../app/vaultStore";
import { useFormat, useTexts } from "../../texts";
import { Button, FailureNotice, Notice, PageHeader, TextField } from "../../ui";
import type { VaultLine } from "../../vault";
import { Enrol } from "./Enrol";
import { Front } from "./Front";
import { LeaseNotice } from "./LeaseNotice";
import { Recover } from "./Recover";

/** A locked vault. Who was here last only types the password; switching members is two taps and the password. */
export function Unlock({ line }: { line: VaultLine }) {
  const { app, enrol, unlock } = useTexts();
  const format = useFormat();
  const link = useLink();
  const [way, setWay] = useState<"unlock" | "recover" | "join">(link === undefined ? "unlock" : "join");
  const back = () => {
    setWay("unlock");
    setLink(undefined);
  };
  const foot = (
    <span className="row">
      <span>{line.syncedMs === undefined ? unlock.neverExchanged : unlock.lastExchange(format.recent(line.syncedMs))}</span>
      {line.unsent > 0 && <span>{unlock.unsent(line.unsent)}</span>}
    </span>
  );
  if (way === "join") return <Front><OfflineNote>{enrol.link.offline}</OfflineNote><Enrol here onBack={back} /></Front>;
  if (way === "recover") return <Front><Recover line={line} onBack={back} /></Front>;
  return (
    <Front foot={line.server === undefined ? undefined : foot}>
      <PageHeader title={unlock.title} />
      {line.repaired !== undefined && <Notice tone="warn">{app.repaired(line.repaired.kept, line.repaired.lost)}</Notice>}
      <PasswordForm />
      {line.failedAttempts > 0 && <p className="quiet small">{unlock.failedBefore(line.failedAttempts)}</p>}
      <OfflineNote>{unlock.offline}</OfflineNote>
      <LeaseNotice lease={line.lease} />
      <div className="row">
        <Button variant="quiet" onPress={() => setWay("recover")}>{unlock.recover.link}</Button>
        <Button variant="quiet" onPress={() => setWay("join")}>{unlock.joinHere.link}</Button>
      </div>
    </Front>
  );
}

function PasswordForm() {
  const { unlock } = useTexts();
  const people = usePeople();
  const expected = useExpected();
  const [user, setUser] = useState(expected?.user ?? "");
  const [known, setKnown] = useState(expected !== undefined);
  const [password, setPassword] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const open = useAct((vault) => vault.unlock(user.trim(), password), { writes: false });

  useEffect(() => {
    // A tap on a name goes on to the password.
    if (known) form.current?.querySelector<HTMLInputElement>("input[name=password]")?.focus();
  }, [known, user]);
  const choose = (chosen: string) => {
    setUser(chosen);
    setKnown(chosen !== "");
    setPassword("");
    open.clear();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const status = await open.run();
    setPassword("");
    if (status !== undefined) setStatus(status);
    else form.current?.querySelector<HTMLInputElement>("input[name=password]")?.focus();
  };
  const name = people.find((person) => person.user === user)?.name;
  return (
    <form ref={form} className="stack" onSubmit={(event) => void submit(event)}>
      {people.length > 0 && (
        <fieldset className="people-field stack-small">
          <legend className="label">{unlock.recent}</legend>
          <div className="people">
            {people.map((person) => (
              <Button
                key={person.user}
                icon="person"
                variant={known && person.user === user ? "primary" : "secondary"}
                aria-pressed={known && person.user === user}
                onPress={() => choose(person.user)}
              >
                {person.name}
              </Button>
            ))}
            <Button icon="add" aria-pressed={!known} variant={known ? "secondary" : "primary"} onPress={() => choose("")}>{unlock.someoneElse}</Button>
          </div>
        </fieldset>
      )}
      {!known && (
        <TextField
          label={unlock.user}
          name="user"
          value={user}
          onChange={setUser}
          autoFocus
          isRequired
        />
      )}
      <TextField
        label={name === undefined || !known ? unlock.password : `${unlock.password}, ${name}`}
        name="password"
        type="password"
        autoComplete="off"
        value={password}
        onChange={setPassword}
        isRequired
      />
      <FailureNotice failure={open.failure} />
      <div className="row">
        <Button type="submit" variant="primary" icon="lock" isDisabled={user.trim() === "" || password === ""} isPending={open.busy}>
          {open.busy ? unlock.working : unlock.submit}
        </Button>
      </div>
    </form>
  );
}

function OfflineNote({ children }: { children: ReactNode }) {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return online ? null : <Notice announce>{children}</Notice>;
}
