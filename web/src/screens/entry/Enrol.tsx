// Joining by an invite: with this browser as a new device, or as a further member on a device that is enrolled already.

import { type FormEvent, useState } from "react";
import { setLink, setStatus, useAct, useLink } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, Checkbox, FailureNotice, Notice, PageHeader, ProgressBar, TextField, toast } from "../../ui";
import type { DeviceStatus, Enrolled, LinkLine } from "../../vault";
import { Joined } from "./Joined";
import { LinkStep } from "./LinkStep";
import { isGood, NewPassword, NOTHING_TYPED } from "./NewPassword";

export interface EnrolProps {
  /** There is a vault here: its organisation gets another member, on this device. */
  here: boolean;
  onBack(): void;
}

export function Enrol({ here, onBack }: EnrolProps) {
  const { common, enrol, unlock } = useTexts();
  const opened = useLink();
  const [invite, setInvite] = useState<{ link: string; line: LinkLine }>();
  const [display, setDisplay] = useState("");
  const [user, setUser] = useState("");
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [deviceOnly, setDeviceOnly] = useState(false);
  const [deviceName, setDeviceName] = useState("");
  const [teams, setTeams] = useState("");
  const [done, setDone] = useState<Enrolled>();

  const named = here || !deviceOnly;
  const join = useAct((vault, link: string): Promise<Enrolled> => {
    const member = { user: user.trim(), display: display.trim() };
    if (here) return vault.joinHere(link, member, typed.password);
    const holdTeams = teams.split(",").map((team) => team.trim()).filter((team) => team !== "");
    const form = { link, deviceName: deviceName.trim(), holdTeams, ...(deviceOnly ? {} : { member }) };
    return vault.enrol(form, deviceOnly ? undefined : typed.password);
  }, { once: true });

  const finish = (status: DeviceStatus) => {
    setLink(undefined);
    setStatus(status);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (invite === undefined) return;
    const enrolled = await join.run(invite.link);
    if (enrolled === undefined) return;
    setTyped(NOTHING_TYPED);
    if (named && !enrolled.keyWasBack) return setDone(enrolled);
    finish(enrolled.status);
    if (enrolled.keyWasBack) toast(enrol.keyWasBack);
  };

  if (done !== undefined) return <Joined user={user} enrolled={done} />;
  if (invite === undefined) {
    return (
      <>
        <PageHeader title={enrol.link.title} actions={<Button icon="back" variant="quiet" onPress={onBack}>{common.back}</Button>} />
        <LinkStep given={opened} onInvite={(link, line) => setInvite({ link, line })} />
      </>
    );
  }
  const ready = (!named || (user.trim() !== "" && display.trim() !== "" && isGood(typed))) && (here || deviceName.trim() !== "");
  return (
    <>
      <PageHeader
        title={here ? unlock.joinHere.title : enrol.welcome.join}
        actions={<Button icon="back" variant="quiet" isDisabled={join.busy} onPress={() => setInvite(undefined)}>{common.back}</Button>}
      />
      <form className="stack-large" onSubmit={(event) => void submit(event)}>
        <Card title={enrol.person.title}>
          {invite.line.sameOrganisation && <Notice>{enrol.link.sameOrganisation}</Notice>}
          {!here && (
            <>
              <Checkbox selected={deviceOnly} onChange={setDeviceOnly}>{enrol.person.deviceOnly}</Checkbox>
              {deviceOnly && <p className="quiet">{enrol.person.deviceOnlyExplain}</p>}
            </>
          )}
          {named && (
            <>
              <TextField label={enrol.person.display} description={enrol.person.displayExplain} value={display} onChange={setDisplay} isRequired />
              <TextField label={enrol.person.user} description={enrol.person.userExplain} value={user} onChange={setUser} isRequired />
              <NewPassword typed={typed} onChange={setTyped} />
            </>
          )}
        </Card>
        {!here && (
          <Card title={enrol.device.title}>
            <TextField label={enrol.device.name} description={enrol.device.nameExplain} value={deviceName} onChange={setDeviceName} isRequired />
            <TextField label={enrol.device.teams} description={enrol.device.teamsExplain} value={teams} onChange={setTeams} />
          </Card>
        )}
        <FailureNotice failure={join.failure} />
        {join.busy && <ProgressBar label={enrol.working} />}
        <div className="row">
          <Button type="submit" variant="primary" isDisabled={!ready} isPending={join.busy}>{enrol.submitJoin}</Button>
        </div>
      </form>
    </>
  );
}
