import { useRecordCodes, useRecordNames } from "../../../texts/records";
import { Badge } from "../../../ui";
import type { Point } from "../../../vault";

/** A value as it was written, with its unit, and its status unless it is final. */
export function PointValue({ point }: { point: Point }) {
  const name = useRecordNames();
  const code = useRecordCodes();
  return (
    <span className="point-value">
      <strong className="figures">{name(point.value)}</strong>
      {point.unit !== undefined && <span>{` ${point.unit}`}</span>}
      {point.status !== undefined && <Badge>{code(point.status)}</Badge>}
    </span>
  );
}
