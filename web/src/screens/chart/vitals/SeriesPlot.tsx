import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useFormat, useTexts } from "../../../texts";
import { HeldMark } from "../HeldMark";
import { ResourceMenu } from "../ResourceMenu";
import { dataOf, optionsOf } from "./drawing";
import { FlagMark } from "./FlagMark";
import { type Inks, onThemeChange, readInks } from "./inks";
import { PointValue } from "./PointValue";
import type { Plot } from "./plotData";

/**
 * A graph whose values are read one by one: under the mouse, under a finger, or with the arrow keys. For a screen reader it
 * is a slider over the values, each said in full; the table says the same.
 */
export function SeriesPlot({ what, plot }: { what: string; plot: Plot }) {
  const { vitals: texts } = useTexts();
  const format = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(null);
  const last = plot.points.length - 1;
  const [chosen, setChosen] = useState<number>();
  const selected = Math.min(chosen ?? last, last);
  const shown = useRef(selected);

  // Before a graph is made: to draw one again that has not measured its axes yet would leave them out.
  useEffect(() => {
    shown.current = selected;
    drawn.current?.redraw(false);
  }, [selected]);
  useEffect(() => {
    const host = place.current;
    if (host === null) return undefined;
    let inks: Inks = readInks(host);
    const size = () => ({ width: host.clientWidth, height: host.clientHeight });
    const drawing = { plot, format, inks: () => inks, selected: () => shown.current };
    const made = new uPlot(optionsOf(drawing, size()), dataOf(plot), host);
    drawn.current = made;
    const sized = new ResizeObserver(() => made.setSize(size()));
    sized.observe(host);
    const endTheme = onThemeChange(() => {
      inks = readInks(host);
      made.redraw(false);
    });
    return () => {
      endTheme();
      sized.disconnect();
      drawn.current = null;
      made.destroy();
    };
  }, [plot, format]);

  const follow = (event: PointerEvent) => {
    const graph = drawn.current;
    if (graph !== null) setChosen(graph.posToIdx(event.clientX - graph.over.getBoundingClientRect().left));
  };
  const step = (event: KeyboardEvent) => {
    const places: Record<string, number> = {
      ArrowLeft: selected - 1, ArrowDown: selected - 1, ArrowRight: selected + 1, ArrowUp: selected + 1, Home: 0, End: last,
    };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setChosen(Math.min(last, Math.max(0, to)));
  };
  const point = plot.points[selected]?.point;
  if (point === undefined) return null;
  const when = point.when === undefined ? texts.noTime : format.dateTime(point.when);
  const flag = point.flag === undefined ? [] : [texts.flags[point.flag]];
  const words = [when, [point.value, point.unit].filter(Boolean).join(" "), ...flag].join(", ");
  return (
    <figure className="plot-figure">
      {plot.unit !== undefined && <p className="quiet small">{plot.unit}</p>}
      {plot.parts.length > 1 && (
        <ul className="plot-parts small">
          {plot.parts.map(({ id, what: part }, at) => <li key={id} className={`plot-part plot-part-${at + 1}`}>{part}</li>)}
        </ul>
      )}
      <div
        ref={place}
        className="plot"
        role="slider"
        tabIndex={0}
        aria-label={texts.pointsLabel(what)}
        aria-valuemin={1}
        aria-valuemax={last + 1}
        aria-valuenow={selected + 1}
        aria-valuetext={words}
        onKeyDown={step}
        onPointerDown={follow}
        onPointerMove={follow}
      />
      <figcaption className="plot-reading">
        <span className="figures">{when}</span>
        <PointValue point={point} />
        {point.flag !== undefined && <FlagMark flag={point.flag} />}
        {point.range !== undefined && <span className="quiet small">{`${texts.range}: ${point.range}`}</span>}
        <HeldMark held={point.held} />
        <span className="quiet small figures plot-place">{texts.pointAt(selected + 1, last + 1)}</span>
        <ResourceMenu held={point.held} what={`${what}, ${when}`} />
      </figcaption>
    </figure>
  );
}
