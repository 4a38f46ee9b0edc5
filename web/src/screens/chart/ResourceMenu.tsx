import { useLocation } from "wouter";
import { useTexts } from "../../texts";
import { Menu, type MenuEntry } from "../../ui";
import type { Held } from "../../vault";
import { useChartActions } from "./chartActions";

type Doing = "history" | "edit" | "decide";

/** What can be done with one record. `what` tells screen readers which of many menus it is. */
export function ResourceMenu({ held, what }: { held: Held; what: string }) {
  const { chart: texts, common } = useTexts();
  const actions = useChartActions();
  const [, navigate] = useLocation();
  const entries: MenuEntry<Doing>[] = [{ id: "history", label: texts.history, icon: "history" }];
  if (actions.canWrite) entries.push({ id: "edit", label: common.edit, icon: "edit" });
  if (held.conflicts > 0) entries.push({ id: "decide", label: texts.decide, icon: "conflict" });
  const act = (doing: Doing) => {
    if (doing === "history") actions.history(held.key, what);
    else if (doing === "edit") actions.edit(held.key);
    else navigate("/tasks");
  };
  return <Menu variant="quiet" icon="more" iconOnly entries={entries} onAction={act}>{texts.actions(what)}</Menu>;
}
