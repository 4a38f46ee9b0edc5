import { useState } from "react";
import { useLink } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Card, Notice, PageHeader } from "../../ui";
import { CreateOrganisation } from "./CreateOrganisation";
import { Enrol } from "./Enrol";
import { Front } from "./Front";

/**
 * A browser without a vault, or with one that somebody has only begun to join. A link that the page was opened with says
 * which way to go.
 */
export function Welcome({ joining }: { joining: boolean }) {
  const texts = useTexts().enrol.welcome;
  const link = useLink();
  const [way, setWay] = useState<"join" | "create" | undefined>(wayOf(link));
  const back = () => setWay(undefined);
  if (way === "join") return <Front><Enrol here={false} onBack={back} /></Front>;
  if (way === "create") return <Front><CreateOrganisation onBack={back} /></Front>;
  return (
    <Front>
      <PageHeader title={texts.title} lead={texts.lead} />
      {joining ? <Notice tone="warn">{texts.joining}</Notice> : <p>{texts.nothingHere}</p>}
      <Card title={texts.join}>
        <p className="quiet">{texts.joinExplain}</p>
        <div className="row">
          <Button variant="primary" icon="key" onPress={() => setWay("join")}>{texts.join}</Button>
        </div>
      </Card>
      <Card title={texts.create}>
        <p className="quiet">{texts.createExplain}</p>
        <div className="row">
          <Button icon="add" onPress={() => setWay("create")}>{texts.create}</Button>
        </div>
      </Card>
    </Front>
  );
}

function wayOf(link: string | undefined): "join" | "create" | undefined {
  if (link === undefined) return undefined;
  return /#wbserver1/i.test(link) ? "create" : "join";
}
