import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTexts } from "../texts";
import { Button } from "./Button";
import { classes } from "./classes";

export interface DialogProps {
  title: string;
  open: boolean;
  /** Called when a person closes it; where nothing may be lost, keep it open. */
  onClose(): void;
  children: ReactNode;
  /** Buttons below the content; without any there is one that closes. */
  actions?: ReactNode;
  wide?: boolean;
  /** A question that has to be answered: a tap beside it does not close it. */
  urgent?: boolean;
}

/** A window above the page that holds the keyboard until it is closed. */
export function Dialog({ title, open, onClose, children, actions, wide = false, urgent = false }: DialogProps) {
  const texts = useTexts().common;
  return (
    <ModalOverlay className="overlay" isOpen={open} onOpenChange={(stays) => !stays && onClose()} isDismissable={!urgent}>
      <Modal className={classes("dialog", wide && "dialog-wide")}>
        <AriaDialog role={urgent ? "alertdialog" : "dialog"} className="dialog-inside">
          <header className="dialog-head">
            <Heading slot="title" level={2}>{title}</Heading>
            {!urgent && <Button variant="quiet" icon="close" iconOnly onPress={onClose}>{texts.close}</Button>}
          </header>
          <div className="dialog-body stack">{children}</div>
          <footer className="dialog-foot row row-end">{actions ?? <Button onPress={onClose}>{texts.close}</Button>}</footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps {
  title: string;
  open: boolean;
  /** What the button does, as a verb: "Retire". */
  action: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm(): void;
  onCancel(): void;
  children: ReactNode;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, open, action, danger = false, busy = false, onConfirm, onCancel, children }: ConfirmProps) {
  const texts = useTexts().common;
  const actions = (
    <>
      <Button onPress={onCancel} isDisabled={busy}>{texts.cancel}</Button>
      <Button variant={danger ? "danger" : "primary"} onPress={onConfirm} isPending={busy}>{action}</Button>
    </>
  );
  return <Dialog title={title} open={open} onClose={onCancel} actions={actions} urgent>{children}</Dialog>;
}
