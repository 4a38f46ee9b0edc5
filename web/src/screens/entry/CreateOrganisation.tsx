import { type FormEvent, useState } from "react";
import { useAct, useLink } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, FailureNotice, failureText, PageHeader, ProgressBar, Select, Switch, TextField } from "../../ui";
import type { OrganisationMade } from "../../vault";
import { CodesFirst } from "./CodesFirst";
import { isGood, NewPassword, NOTHING_TYPED } from "./NewPassword";

const SHEETS = ["2", "3", "4", "5"] as const;

/** A new organisation with its first admin, on the server that this page came from. */
export function CreateOrganisation({ onBack }: { onBack(): void }) {
  const words = useTexts();
  const { common, enrol } = words;
  const opened = useLink() ?? "";
  const [name, setName] = useState("");
  const [serverLink, setServerLink] = useState(/#wbserver1/i.test(opened) ? opened : "");
  const [display, setDisplay] = useState("");
  const [user, setUser] = useState("");
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [deviceName, setDeviceName] = useState("");
  const [made, setMade] = useState("3");
  const [needed, setNeeded] = useState("2");
  const [fipsOnly, setFipsOnly] = useState(false);
  const [done, setDone] = useState<OrganisationMade>();

  const link = serverLink.trim();
  const create = useAct((vault) => {
    const form = {
      name: name.trim(),
      user: user.trim(),
      display: display.trim(),
      deviceName: deviceName.trim(),
      sharesNeeded: Number(needed),
      sharesMade: Number(made),
      fipsOnly,
      ...(link === "" ? {} : { serverLink: link }),
    };
    return vault.createOrganisation(form, typed.password);
  }, { once: true });
  const put = useAct((vault) => vault.putOnServer(link, () => undefined), { repeatable: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const result = await create.run();
    if (result === undefined) return;
    setTyped(NOTHING_TYPED);
    setDone(result);
    if (link !== "") await put.run();
  };

  if (done !== undefined) {
    return (
      <CodesFirst
        meanwhile={put.busy && <ProgressBar label={enrol.puttingOnServer} />}
        user={user}
        organisation={{ id: done.organisation, name: name.trim() }}
        code={done.recoveryCode}
        shares={{ texts: done.rootShares, needed: done.sharesNeeded }}
        note={put.failure === undefined ? undefined : `${enrol.serverFailed} ${failureText(put.failure, words)}`}
      />
    );
  }
  const texts = enrol.organisation;
  const filled = [name, display, user, deviceName].every((text) => text.trim() !== "");
  const ready = filled && isGood(typed) && Number(needed) <= Number(made);
  const sheets = SHEETS.map((id) => ({ id, label: id }));
  return (
    <>
      <PageHeader
        title={enrol.welcome.create}
        lead={enrol.welcome.createExplain}
        actions={<Button icon="back" variant="quiet" isDisabled={create.busy} onPress={onBack}>{common.back}</Button>}
      />
      <form className="stack-large" onSubmit={(event) => void submit(event)}>
        <Card title={texts.title}>
          <TextField label={texts.name} value={name} onChange={setName} isRequired />
          <TextField label={texts.serverLink} description={texts.serverLinkExplain} value={serverLink} onChange={setServerLink} rows={3} fixed />
        </Card>
        <Card title={enrol.person.title}>
          <TextField label={enrol.person.display} description={enrol.person.displayExplain} value={display} onChange={setDisplay} isRequired />
          <TextField label={enrol.person.user} description={enrol.person.userExplain} value={user} onChange={setUser} isRequired />
          <NewPassword typed={typed} onChange={setTyped} />
        </Card>
        <Card title={enrol.device.title}>
          <TextField label={enrol.device.name} description={enrol.device.nameExplain} value={deviceName} onChange={setDeviceName} isRequired />
        </Card>
        <Card title={texts.shares}>
          <p>{texts.sharesExplain}</p>
          <div className="columns">
            <Select label={texts.sharesMade} options={sheets} value={made} onChange={setMade} />
            <Select label={texts.sharesNeeded} options={sheets.filter(({ id }) => id <= made)} value={needed} onChange={setNeeded} />
          </div>
          <Switch selected={fipsOnly} onChange={setFipsOnly}>{texts.fips}</Switch>
          <p className="quiet small">{texts.fipsExplain}</p>
        </Card>
        <FailureNotice failure={create.failure} />
        {create.busy && <ProgressBar label={enrol.working} />}
        <div className="row">
          <Button type="submit" variant="primary" isDisabled={!ready} isPending={create.busy}>{enrol.submitCreate}</Button>
        </div>
      </form>
    </>
  );
}
