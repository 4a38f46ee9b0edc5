import { useState } from "react";
import { useFormat, useTexts } from "../../../texts";
import { type Column, More, Table } from "../../../ui";
import type { Point } from "../../../vault";
import { HeldMark } from "../HeldMark";
import { ResourceMenu } from "../ResourceMenu";
import { FlagMark } from "./FlagMark";
import { PointValue } from "./PointValue";

const ROWS = 10;

/** Every value with its own time, unit, range and flag, the newest first. */
export function ValueTable({ what, points }: { what: string; points: readonly Point[] }) {
  const { common, vitals: texts } = useTexts();
  const format = useFormat();
  const [most, setMost] = useState(ROWS);
  const rows = points.toReversed().slice(0, most);
  const more = points.length - rows.length;
  const when = (point: Point) => (point.when === undefined ? texts.noTime : format.dateTime(point.when));
  const columns: Column<Point>[] = [
    { id: "when", name: texts.when, render: when },
    { id: "value", name: texts.value, render: (point) => <PointValue point={point} /> },
    { id: "flag", name: texts.flag, render: (point) => point.flag !== undefined && <FlagMark flag={point.flag} /> },
    { id: "range", name: texts.range, render: (point) => point.range, wideOnly: true },
    { id: "author", name: texts.author, render: (point) => <HeldMark held={point.held} />, wideOnly: true },
    { id: "menu", name: common.more, render: (point) => <ResourceMenu held={point.held} what={`${what}, ${when(point)}`} /> },
  ];
  return (
    <>
      <Table caption={what} columns={columns} rows={rows} rowId={({ held }) => held.key} />
      {more > 0 && <More count={Math.min(more, 5 * ROWS)} onMore={() => setMost(most + 5 * ROWS)} />}
    </>
  );
}
