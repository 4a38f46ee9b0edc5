import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export interface EmptyStateProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Says that there is nothing, why, and what to do. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className="empty stack">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children !== undefined && <p className="quiet measure">{children}</p>}
      {actions !== undefined && <div className="row">{actions}</div>}
    </div>
  );
}
