import { takeOver } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { Button, Notice, PageHeader } from "../../ui";
import { Front } from "./Front";

export function OtherTab({ asking, refused }: { asking: boolean; refused: boolean }) {
  const texts = useTexts().app.otherTab;
  return (
    <Front>
      <PageHeader title={texts.title} lead={texts.explain} />
      {refused && <Notice tone="warn" announce>{texts.refused}</Notice>}
      <div className="row">
        <Button variant="primary" isPending={asking} onPress={() => void takeOver()}>{asking ? texts.asking : texts.useHere}</Button>
      </div>
    </Front>
  );
}
