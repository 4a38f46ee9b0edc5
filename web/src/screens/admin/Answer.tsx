import type { ReactNode } from "react";
import type { Query } from "../../app/vaultStore";
import { FailureNotice, Unanswered } from "../../ui";

export interface AnswerProps<T> {
  query: Query<T>;
  children(data: T): ReactNode;
}

/** What the vault was asked: the answer, why there is none, or that it is on its way. */
export function Answer<T>({ query: { data, failure }, children }: AnswerProps<T>) {
  if (data === undefined) return <Unanswered failure={failure} />;
  return (
    <>
      <FailureNotice failure={failure} />
      {children(data)}
    </>
  );
}
