import { useMemo, useState } from "react";
import { useQuery } from "../../../app/vaultStore";
import { useTexts } from "../../../texts";
import { Button, choices, EmptyState, FailureNotice, More, Radios, Select, Unanswered } from "../../../ui";
import type { Point, Series } from "../../../vault";
import { useChartActions } from "../chartActions";
import { type Kind, kindOf, KINDS } from "./kinds";
import { SeriesCard } from "./SeriesCard";
import { ShapeKey } from "./ShapeKey";
import { momentOf } from "./times";

const DAY_MS = 24 * 60 * 60_000;
const SPANS_MS = { all: undefined, year: 366 * DAY_MS, month: 30 * DAY_MS, day: DAY_MS };
type Span = keyof typeof SPANS_MS;
const SPANS: readonly Span[] = ["all", "year", "month", "day"];

const VIEWS = ["plot", "table"] as const;
type View = (typeof VIEWS)[number];

/** Graphs that are built at once: each is a canvas. */
const CARDS = 12;

/** Every measurement of a chart by kind, as graphs or as tables. */
export function VitalsTab() {
  const { vitals: texts, write } = useTexts();
  const { add, canWrite, chart } = useChartActions();
  const { data, failure } = useQuery("series", (vault) => vault.series(chart), [chart]);
  if (data === undefined) return <Unanswered failure={failure} />;
  if (data.length > 0) {
    return (
      <>
        <FailureNotice failure={failure} />
        <Measurements all={data} />
      </>
    );
  }
  const record = <Button variant="primary" icon="add" onPress={() => add("vitals")}>{write.addVitals}</Button>;
  return <EmptyState icon="vitals" title={texts.none} actions={canWrite ? record : undefined} />;
}

function Measurements({ all }: { all: readonly Series[] }) {
  const { vitals: texts } = useTexts();
  const { add, canWrite } = useChartActions();
  const kinds = KINDS.filter((kind) => all.some((series) => kindOf(series) === kind));
  const [wanted, setWanted] = useState<Kind>();
  const [span, setSpan] = useState<Span>("all");
  const [view, setView] = useState<View>("plot");
  const [most, setMost] = useState(CARDS);
  const kind = kinds.find((one) => one === wanted) ?? kinds[0] ?? "other";
  const shown = useMemo(() => within(all, kind, SPANS_MS[span]), [all, kind, span]);
  const choose = (next: Kind) => {
    setWanted(next);
    setMost(CARDS);
  };
  const count = (one: Kind) => all.filter((series) => kindOf(series) === one).length;
  return (
    <div className="stack">
      <div className="row row-apart vitals-choices">
        <Radios
          label={texts.what}
          options={kinds.map((id) => ({ id, label: `${texts[id]} (${count(id)})` }))}
          value={kind}
          onChange={choose}
          bar
        />
        <Radios
          label={texts.show}
          options={VIEWS.map((id) => ({ id, label: id === "plot" ? texts.asPlot : texts.asTable }))}
          value={view}
          onChange={setView}
          bar
        />
        <Select label={texts.span} options={choices(SPANS, texts.spans)} value={span} onChange={setSpan} />
        {canWrite && <Button icon="add" onPress={() => add("vitals")}>{texts.record}</Button>}
      </div>
      {view === "plot" && <ShapeKey />}
      {shown.length === 0 && <p className="quiet" role="status">{texts.noneHere}</p>}
      <div className="plots">
        {shown.slice(0, most).map(({ series, points }) => <SeriesCard key={series.id} series={series} points={points} asTable={view === "table"} />)}
      </div>
      {shown.length > most && <More count={Math.min(CARDS, shown.length - most)} onMore={() => setMost(most + CARDS)} />}
    </div>
  );
}

interface ShownSeries {
  series: Series;
  points: readonly Point[];
}

/** Series of one kind with their points of the last `ms`; what has no time is there only where everything is asked for. */
function within(all: readonly Series[], kind: Kind, ms: number | undefined): ShownSeries[] {
  const since = ms === undefined ? undefined : Date.now() - ms;
  const isRecent = ({ when }: Point) => since === undefined || (when !== undefined && (momentOf(when) ?? 0) >= since);
  return all
    .filter((series) => kindOf(series) === kind)
    .map((series) => ({ series, points: series.points.filter(isRecent) }))
    .filter(({ points }) => points.length > 0);
}
