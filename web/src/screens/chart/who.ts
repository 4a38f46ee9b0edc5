// Whose chart it is. The records' reader says in English what a record does not say; here it is in the language of whoever
// reads.

import { useFormat } from "../../texts";
import { useChartTitles, useRecordNames } from "../../texts/records";
import type { ChartPage } from "../../vault";

export interface Who {
  name(page: Pick<ChartPage, "role" | "banner">): string;
  /** A day of the banner. */
  day(text: string): string;
}

export function useWho(): Who {
  const format = useFormat();
  const title = useChartTitles();
  const name = useRecordNames();
  return {
    name: ({ role, banner }) => title(role === "patient" ? banner.name : role),
    // What is no date comes through `date` as it is.
    day: (text) => name(format.date(text)),
  };
}
