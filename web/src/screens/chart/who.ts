// Whose chart it is. The records' reader says in English what a record does not say; here it is in the language of whoever
// reads.

import { useFormat, useTexts } from "../../texts";
import type { ChartPage } from "../../vault";

const NOT_KNOWN = "Not known";
const NAME_NOT_KNOWN = "Name not known";

export interface Who {
  name(page: Pick<ChartPage, "role" | "banner">): string;
  /** A day of the banner. */
  day(text: string): string;
}

export function useWho(): Who {
  const { common, patients } = useTexts();
  const format = useFormat();
  return {
    name({ role, banner }) {
      if (role === "organisation") return patients.organisationChart;
      if (role === "unfiled") return patients.unfiledChart;
      return banner.name === "" || banner.name === NAME_NOT_KNOWN ? patients.noName : banner.name;
    },
    day: (text) => (text === NOT_KNOWN ? common.notKnown : format.date(text)),
  };
}
