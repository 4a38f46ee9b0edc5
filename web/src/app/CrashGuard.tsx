import { Component, type ErrorInfo, type ReactNode } from "react";
import { currentTexts } from "../texts";
import { Button, Notice } from "../ui";

interface Props {
  /** With another one, the screen is tried again. */
  place: string;
  children: ReactNode;
}

interface State {
  error: Error | undefined;
  place: string;
}

/** Keeps a fault of one screen from taking the others, and the way to lock, with it. */
export class CrashGuard extends Component<Props, State> {
  override state: State = { error: undefined, place: this.props.place };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps({ place }: Props, state: State): Partial<State> | null {
    return place === state.place ? null : { error: undefined, place };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    // Where it happened, and no more: the message of a fault may quote a record.
    console.error(error.name, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const texts = currentTexts().app.crashed;
    const reload = <Button icon="sync" onPress={() => location.reload()}>{texts.reload}</Button>;
    return <Notice tone="bad" title={texts.title} actions={reload}>{texts.explain}</Notice>;
  }
}
