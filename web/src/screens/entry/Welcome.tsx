import { useState } from "react";
import { giveUpJoining, refreshStatus, setLink, useLink } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, Notice, PageHeader } from "../../ui";
import { CreateOrganisation } from "./CreateOrganisation";
import { Enrol } from "./Enrol";
import { Front } from "./Front";
import { GiveUp } from "./GiveUp";

/**
 * A browser without a vault, or with one that somebody has only begun to join: that goes on, or is given up first. A link that
 * the page was opened with says which way to go.
 */
export function Welcome({ joining }: { joining: boolean }) {
  const texts = useTexts().enrol.welcome;
  const link = useLink();
  const [way, setWay] = useState<"join" | "create" | undefined>(joining && wayOf(link) === "create" ? undefined : wayOf(link));
  const back = () => {
    setWay(undefined);
    setLink(undefined);
    // Joining may have been begun meanwhile, and have got no answer.
    void refreshStatus();
  };
  if (way === "join") return <Front><Enrol here={false} onBack={back} /></Front>;
  if (way === "create") return <Front><CreateOrganisation onBack={back} /></Front>;
  return (
    <Front>
      <PageHeader title={texts.title} lead={texts.lead} />
      {joining ? <Notice tone="warn" actions={<GiveUp texts={texts} act={giveUpJoining} />}>{texts.joining}</Notice> : <p>{texts.nothingHere}</p>}
      <Card title={texts.join}>
        <p className="quiet">{texts.joinExplain}</p>
        <div className="row">
          <Button variant="primary" icon="key" onPress={() => setWay("join")}>{texts.join}</Button>
        </div>
      </Card>
      {!joining && (
        <Card title={texts.create}>
          <p className="quiet">{texts.createExplain}</p>
          <div className="row">
            <Button icon="add" onPress={() => setWay("create")}>{texts.create}</Button>
          </div>
        </Card>
      )}
    </Front>
  );
}

function wayOf(link: string | undefined): "join" | "create" | undefined {
  if (link === undefined) return undefined;
  return /#wbserver1/i.test(link) ? "create" : "join";
}
