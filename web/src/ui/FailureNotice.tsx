import type { ReactNode } from "react";
import { type Texts, useTexts } from "../texts";
import { Notice } from "./Notice";

/** As much of a failure of the vault as is needed to say it. */
export interface Said {
  kind: string;
  message: string;
  waitSecs?: number | undefined;
}

/** What happened and what to do next, in the language of the reader where there are words for it. */
export function failureText(failure: Said, { errors }: Texts): string {
  if (failure.kind === "tooSoon") return errors.tooSoon(failure.waitSecs ?? 0);
  const words: unknown = Object.hasOwn(errors, failure.kind) ? errors[failure.kind as keyof typeof errors] : undefined;
  return typeof words === "string" ? words : failure.message;
}

/** Shows why something did not work; nothing while there is no failure. Being offline is shown as what it is, no error. */
export function FailureNotice({ failure, actions }: { failure: Said | undefined; actions?: ReactNode }) {
  const texts = useTexts();
  if (failure === undefined) return null;
  const offline = failure.kind === "offline" || failure.kind === "offlineNeeded";
  return (
    <Notice tone={offline ? "info" : "bad"} announce actions={actions} {...(offline ? {} : { title: texts.errors.title })}>
      {failureText(failure, texts)}
    </Notice>
  );
}
