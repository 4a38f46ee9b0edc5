import { type ReactNode, useId } from "react";
import { classes } from "./classes";

export interface CardProps {
  title?: string;
  /** Beside the title. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A part of a page with a ground of its own; with a title it is a region that screen readers can go to. */
export function Card({ title, actions, children, className }: CardProps) {
  const id = useId();
  return (
    <section className={classes("card stack", className)} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <div className="row row-apart">
          <h2 id={id}>{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}
