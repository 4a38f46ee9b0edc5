import type { Texts } from "../en";
import { plural } from "../plural";

export const conflicts: Texts["conflicts"] = {
  title: "Von zwei Personen geändert",
  lead: "Nichts ging verloren, und nichts wird von selbst entschieden. Es kann warten, solange es dauert.",
  elements: (count) => plural(count, "Angabe zu entscheiden", "Angaben zu entscheiden"),
  question: "Was stimmt?",
  version: (name, when) => `${name}, ${when}`,
  on: (device) => `auf ${device}`,
  removed: "Entfernt",
  wholeRecord: "Der ganze Eintrag",
  deletedBy: (name) => `${name} hat es gelöscht`,
  keep: "Das nehmen",
  takeWhole: (name) => `Alles von ${name} nehmen`,
  other: "Etwas anderes: Text bearbeiten",
  preview: "Das wird gespeichert",
  decide: "Entscheiden",
  decided: "Entschieden. Beide Fassungen bleiben in der Geschichte.",
  undecided: (count) => `${plural(count, "Angabe ist", "Angaben sind")} noch nicht entschieden`,
  later: "Später",
  shownMeanwhile: "Gezeigt, bis jemand entscheidet",
};
