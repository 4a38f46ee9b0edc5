import { type ReactNode, useEffect, useRef } from "react";
import { useTexts } from "../texts";

export interface PageHeaderProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
}

/** The heading of a screen. The keyboard and screen readers go on from here when a screen comes up. */
export function PageHeader({ title, lead, actions }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { product } = useTexts().common;
  useEffect(() => {
    // A name of a patient never gets here: the title of a window is seen in lists of windows.
    document.title = `${title} – ${product}`;
    const inside = document.activeElement;
    // A field that has asked for the keyboard keeps it.
    if (inside === null || inside === document.body) heading.current?.focus({ preventScroll: true });
  }, [title, product]);
  return (
    <header className="page-header">
      <div className="stack-small">
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {lead !== undefined && <p className="quiet measure">{lead}</p>}
      </div>
      {actions !== undefined && <div className="row">{actions}</div>}
    </header>
  );
}
