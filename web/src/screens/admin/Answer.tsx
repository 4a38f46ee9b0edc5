import type { ReactNode } from "react";
import type { Query } from "../../app/vaultStore";
import { useTexts } from "../../texts";
import { FailureNotice } from "../../ui";

export interface AnswerProps<T> {
  query: Query<T>;
  children(data: T): ReactNode;
}

/** What the vault was asked: the answer, why there is none, or that it is on its way. */
export function Answer<T>({ query: { data, failure }, children }: AnswerProps<T>) {
  const { common } = useTexts();
  const waits = data === undefined && failure === undefined;
  return (
    <>
      <FailureNotice failure={failure} />
      {waits && <p className="quiet" role="status">{common.loading}</p>}
      {data !== undefined && children(data)}
    </>
  );
}
