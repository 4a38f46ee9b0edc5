import { useMemo } from "react";
import { useTexts } from "../../../texts";
import { useRecordNames } from "../../../texts/records";
import { Card } from "../../../ui";
import type { Point, Series } from "../../../vault";
import { FlagMark } from "./FlagMark";
import { plotOf } from "./plotData";
import { PointValue } from "./PointValue";
import { SeriesPlot } from "./SeriesPlot";
import { ValueAge } from "./ValueAge";
import { ValueTable } from "./ValueTable";

export interface SeriesCardProps {
  series: Series;
  /** Those of its points that are asked for; counts are of these. */
  points: readonly Point[];
  asTable: boolean;
}

/** One kind of measurement: the latest value, then a graph or a table. What cannot be drawn is always a table. */
export function SeriesCard({ series, points, asTable }: SeriesCardProps) {
  const { vitals: texts } = useTexts();
  const name = useRecordNames();
  const plot = useMemo(() => plotOf(series, points), [series, points]);
  const latest = points.at(-1);
  const what = name(series.what);
  if (latest === undefined) return null;
  return (
    <Card title={series.unit === undefined ? what : `${what} (${series.unit})`} actions={<span className="quiet small figures">{texts.points(points.length)}</span>}>
      <p className="latest-value">
        <span className="quiet">{texts.latest}</span>
        <PointValue point={latest} />
        {latest.flag !== undefined && <FlagMark flag={latest.flag} />}
        <ValueAge when={latest.when} />
      </p>
      {asTable || plot === undefined ? <ValueTable what={what} points={points} /> : (
        <>
          <SeriesPlot what={what} plot={plot} />
          {plot.notDrawn > 0 && <p className="quiet small">{texts.notDrawn(plot.notDrawn)}</p>}
        </>
      )}
    </Card>
  );
}
