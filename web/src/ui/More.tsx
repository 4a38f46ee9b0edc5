import { useTexts } from "../texts";
import { Button } from "./Button";

export interface MoreProps {
  /** How many come with the next tap. */
  count: number;
  onMore(): void;
  pending?: boolean;
}

/** Below a list that is shown in part. */
export function More({ count, onMore, pending = false }: MoreProps) {
  const texts = useTexts().common;
  return (
    <div className="row">
      <Button icon="chevronDown" isPending={pending} onPress={onMore}>{texts.showMore(count)}</Button>
    </div>
  );
}
