import type { ReactNode } from "react";
import { useIsShownOnce } from "./editing";

/** Ways to other screens. They lead nowhere while something is shown once: that is put aside first. */
export function Leads({ children }: { children: ReactNode }) {
  return <div className="shell-leads" inert={useIsShownOnce()}>{children}</div>;
}
