import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps, FileTrigger } from "react-aria-components";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

export interface ButtonProps extends Omit<AriaButtonProps, "children" | "className" | "style"> {
  /** `primary` once a screen, for what it is about; `quiet` has no border. */
  variant?: "primary" | "secondary" | "quiet" | "danger";
  icon?: IconName;
  /** Shows the icon alone; `children` has to be text then, and is read out. */
  iconOnly?: boolean;
  /** For what is said beside the icon: give a text. */
  children: ReactNode;
}

export function Button({ variant = "secondary", icon, iconOnly = false, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={classes("button", `button-${variant}`, iconOnly && "button-icon")}>
      {icon !== undefined && <Icon name={icon} />}
      <span className={iconOnly ? "visually-hidden" : "button-text"}>{children}</span>
    </AriaButton>
  );
}

export interface FileButtonProps extends Omit<ButtonProps, "onPress"> {
  /** MIME types or endings: `image/*`, `.json`. */
  accept?: readonly string[];
  multiple?: boolean;
  onFiles(files: readonly File[]): void;
}

/** Lets a person choose files of this computer. */
export function FileButton({ accept, multiple = false, onFiles, ...button }: FileButtonProps) {
  const kinds = accept === undefined ? {} : { acceptedFileTypes: accept };
  return (
    <FileTrigger {...kinds} allowsMultiple={multiple} onSelect={(files) => files !== null && onFiles([...files])}>
      <Button {...button} />
    </FileTrigger>
  );
}
