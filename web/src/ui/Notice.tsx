import type { ReactNode } from "react";
import { useTexts } from "../texts";
import type { Tone } from "./Badge";
import { Button } from "./Button";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

const ICONS: Record<Tone, IconName> = { neutral: "info", info: "info", good: "check", warn: "alert", bad: "alert" };

export interface NoticeProps {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Read out at once when it appears. Errors are so without it. */
  announce?: boolean;
  /** Shows a button that takes it away. */
  onClose?(): void;
  className?: string;
}

/** Something to know about the page or a part of it. It stays until it is no longer true. */
export function Notice({ tone = "info", title, children, actions, announce = false, onClose, className }: NoticeProps) {
  const texts = useTexts().common;
  const role = tone === "bad" ? "alert" : announce ? "status" : undefined;
  return (
    <div className={classes("notice", `tone-${tone}`, className)} role={role}>
      <Icon name={ICONS[tone]} />
      <div className="notice-body stack-small">
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
        {actions !== undefined && <div className="row">{actions}</div>}
      </div>
      {onClose !== undefined && <Button variant="quiet" icon="close" iconOnly onPress={onClose}>{texts.close}</Button>}
    </div>
  );
}
