import { type ReactNode, useId } from "react";

export interface SectionProps {
  title: string;
  children: ReactNode;
}

/** A section of the printed page. Its heading stays with what comes below it. */
export function Section({ title, children }: SectionProps) {
  const id = useId();
  return (
    <section className="handover-section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
