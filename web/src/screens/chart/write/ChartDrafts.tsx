import { useEffect } from "react";
import { setDraftToOpen, useDraftToOpen, useQuery } from "../../../app/vaultStore";
import { useFormat, useTexts } from "../../../texts";
import { useKindNames } from "../../../texts/records";
import { Button, Notice } from "../../../ui";
import { type EditorPlace, placeOf } from "./drafts";

export interface ChartDraft {
  key: string;
  savedMs: number;
  place: EditorPlace;
}

/** Drafts in one chart of whoever has unlocked. `again` is for when an editor was closed: what was typed may be one now. */
export function useChartDrafts(chart: string): { drafts: readonly ChartDraft[]; again(): void } {
  const { data = [], again } = useQuery("drafts", (vault) => vault.drafts());
  const drafts = data.flatMap(({ key, savedMs }) => {
    const place = placeOf(key);
    return place?.chart === chart ? [{ key, savedMs, place }] : [];
  });
  return { drafts, again };
}

interface ChartDraftsProps {
  drafts: readonly ChartDraft[];
  onOpen(place: EditorPlace): void;
}

/** What was begun and not finished. A list of drafts elsewhere has one opened here by `setDraftToOpen`. */
export function ChartDrafts({ drafts, onOpen }: ChartDraftsProps) {
  const { write: texts } = useTexts();
  const format = useFormat();
  const kindName = useKindNames();
  const toOpen = useDraftToOpen();
  const asked = drafts.find(({ key }) => key === toOpen);
  useEffect(() => {
    if (asked === undefined) return;
    // Once: whoever comes back to this page, or has closed the editor, does not find it open again.
    setDraftToOpen(undefined);
    onOpen(asked.place);
  }, [asked, onOpen]);
  const nameOf = ({ resourceKey, form }: EditorPlace) => {
    if (resourceKey === undefined) return texts.titleNew(texts.kinds[form ?? "fhir"]);
    return texts.titleEdit(kindName(resourceKey.split("/")[0] ?? resourceKey));
  };

  if (drafts.length === 0) return null;
  return (
    <Notice
      title={texts.drafts(drafts.length)}
      actions={drafts.map(({ key, savedMs, place }) => (
        <Button key={key} icon="edit" onPress={() => onOpen(place)}>
          {`${nameOf(place)}, ${format.recent(savedMs)}`}
        </Button>
      ))}
    >
      {texts.draftsOnlyMine}
    </Notice>
  );
}
