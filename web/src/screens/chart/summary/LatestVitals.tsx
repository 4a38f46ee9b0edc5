import { useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { useRecordNames } from "../../../texts/records";
import { Button, Card, FailureNotice } from "../../../ui";
import type { Point, Series } from "../../../vault";
import { useChartActions } from "../chartActions";
import { FlagMark } from "../vitals/FlagMark";
import { kindOf } from "../vitals/kinds";
import { PointValue } from "../vitals/PointValue";
import { ValueAge } from "../vitals/ValueAge";

/** Kinds of vital signs, at most: a chart has a dozen, and one with more is read in its own tab. */
const SHOWN_MAX = 12;

/** The newest of each vital sign. Each says when it was measured: an old one looks like a new one otherwise. */
export function LatestVitals({ onMore }: { onMore(): void }) {
  const { chart: texts, common } = useTexts();
  const { chart } = useChartActions();
  const name = useRecordNames();
  const { data, failure } = useQuery("series", (vault) => vault.series(chart), [chart]);
  const latest = (data ?? []).filter((series) => kindOf(series) === "vitalSigns").flatMap(newestOf).slice(0, SHOWN_MAX);
  return (
    <Card title={texts.latestVitals}>
      <FailureNotice failure={failure} />
      {data === undefined && failure === undefined && <p className="quiet">{common.loading}</p>}
      {data !== undefined && latest.length === 0 && <p className="quiet">{texts.latestVitalsNone}</p>}
      {latest.length > 0 && (
        <dl className="latest">
          {latest.map(({ series, point }) => (
            <div key={series.id} className="latest-line">
              <dt>{name(series.what)}</dt>
              <dd>
                <PointValue point={point} />
                {point.flag !== undefined && <FlagMark flag={point.flag} />}
                <ValueAge when={point.when} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className="row">
        <Button icon="vitals" onPress={onMore}>{texts.latestVitalsOpen}</Button>
      </div>
    </Card>
  );
}

/** Points come oldest first. */
function newestOf(series: Series): { series: Series; point: Point }[] {
  const point = series.points.at(-1);
  return point === undefined ? [] : [{ series, point }];
}
