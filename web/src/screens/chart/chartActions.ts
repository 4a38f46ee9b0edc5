// What lines of a chart can ask for: each menu of a record leads to the same dialogs, which the screen holds.

import { createContext, useContext } from "react";
import type { FormName } from "./write/form";

export interface ChartActions {
  chart: string;
  canWrite: boolean;
  add(form: FormName): void;
  edit(resourceKey: string): void;
  /** `what` is what the record is called in the title. */
  history(resourceKey: string, what: string): void;
}

export const ChartActionsContext = createContext<ChartActions | undefined>(undefined);

export function useChartActions(): ChartActions {
  const actions = useContext(ChartActionsContext);
  if (actions === undefined) throw new Error("this is shown within a chart only");
  return actions;
}
