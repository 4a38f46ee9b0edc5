import { useTexts } from "../texts";
import { FailureNotice, type Said } from "./FailureNotice";

/** In place of an answer that is not there: why, or that it is on its way. */
export function Unanswered({ failure }: { failure: Said | undefined }) {
  const texts = useTexts().common;
  return failure === undefined ? <p className="quiet" role="status">{texts.loading}</p> : <FailureNotice failure={failure} />;
}
