// The graph of one kind of measurement, drawn by uPlot: reference ranges below, lines, then a mark for each value.

import type uPlot from "uplot";
import type { Format } from "../../../texts";
import type { Inks } from "./inks";
import { isCritical, type Mark, MARK_SIZE, MARKS } from "./marks";
import type { DrawnPart, DrawnValue, Plot } from "./plotData";

/** What is drawn; the functions are asked at every drawing. */
export interface Drawing {
  plot: Plot;
  format: Format;
  inks(): Inks;
  /** Index of the point that is read, if any. */
  selected(): number | undefined;
}

const FONT = '13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
/** Room for a label of the time axis, and for one of the values. */
const TIME_LABEL_PX = 96;
const VALUE_LABEL_PX = 60;
const MARK_PX = 13;
const CRITICAL_PX = 18;
const DAY_MS = 24 * 60 * 60_000;

export function optionsOf(drawing: Drawing, size: { width: number; height: number }): uPlot.Options {
  const { plot, format, inks } = drawing;
  const axis = { stroke: () => inks().text, font: FONT, ticks: { stroke: () => inks().line, width: 1 } };
  const grid = { stroke: () => inks().line, width: 1 };
  return {
    ...size,
    ms: 1,
    legend: { show: false },
    // Mouse, touch and keyboard choose a value in one way: see SeriesPlot.
    cursor: { show: false },
    scales: { x: { time: true, range: () => plot.times }, y: { range: () => plot.values } },
    axes: [
      { ...axis, grid: { show: false }, space: TIME_LABEL_PX, values: (_plot, splits, _axis, _space, step) => splits.map((at) => timeLabel(format, at, step)) },
      { ...axis, grid, size: VALUE_LABEL_PX, values: (_plot, splits) => splits.map((value) => format.number(value)) },
    ],
    series: [
      {},
      ...plot.parts.map(({ what }, at) => ({ label: what, stroke: () => partInk(inks(), at), width: 2, spanGaps: true, points: { show: false } })),
    ],
    hooks: {
      drawClear: [(canvas) => plot.parts.forEach((part) => drawRange(canvas, drawing, part))],
      draw: [(canvas) => drawSelected(canvas, drawing), (canvas) => plot.parts.forEach((part, at) => drawMarks(canvas, drawing, part, at))],
    },
  };
}

export function dataOf({ points, parts }: Plot): uPlot.AlignedData {
  return [points.map(({ time }) => time), ...parts.map(({ values }) => values.map((value) => value?.value ?? null))];
}

/** No more exact than the distance between two labels. */
function timeLabel(format: Format, at: number, step: number): string {
  const date = new Date(at);
  const year = String(date.getFullYear());
  if (step >= 365 * DAY_MS) return year;
  if (step >= 28 * DAY_MS) return format.date(`${year}-${String(date.getMonth() + 1).padStart(2, "0")}`);
  return step >= DAY_MS || isMidnight(date) ? format.date(at) : format.time(at);
}

function isMidnight(date: Date): boolean {
  return date.getHours() === 0 && date.getMinutes() === 0;
}

function partInk(inks: Inks, at: number): string {
  return inks.parts[at] ?? inks.text;
}

/** The reference range around each value: it is that of its own record, which may have changed in between. */
function drawRange(canvas: uPlot, { plot, inks }: Drawing, { values }: DrawnPart): void {
  const { ctx, bbox } = canvas;
  const right = bbox.left + bbox.width;
  const bottom = bbox.top + bbox.height;
  const x = (at: number) => canvas.valToPos(plot.points[at]?.time ?? 0, "x", true);
  const y = (value: number) => Math.min(bottom, Math.max(bbox.top, canvas.valToPos(value, "y", true)));
  const known = [...values.keys()].filter((at) => values[at] !== undefined);
  ctx.save();
  known.forEach((at, place) => {
    const { low, high } = values[at] as DrawnValue;
    if (low === undefined && high === undefined) return;
    const [before, after] = [known[place - 1], known[place + 1]];
    const from = before === undefined ? bbox.left : (x(before) + x(at)) / 2;
    const to = after === undefined ? right : (x(at) + x(after)) / 2;
    const top = high === undefined ? bbox.top : y(high);
    const base = low === undefined ? bottom : y(low);
    ctx.fillStyle = inks().range;
    ctx.fillRect(from, top, to - from, base - top);
    ctx.fillStyle = inks().rangeEdge;
    if (high !== undefined) ctx.fillRect(from, top, to - from, devicePixelRatio);
    if (low !== undefined) ctx.fillRect(from, base - devicePixelRatio, to - from, devicePixelRatio);
  });
  ctx.restore();
}

/** A line through the point that is read, wide enough to be seen as the place of the keyboard. */
function drawSelected(canvas: uPlot, { plot, inks, selected }: Drawing): void {
  const at = selected();
  const time = at === undefined ? undefined : plot.points[at]?.time;
  if (time === undefined) return;
  const { ctx, bbox } = canvas;
  const width = 2 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = inks().focus;
  ctx.fillRect(canvas.valToPos(time, "x", true) - width / 2, bbox.top, width, bbox.height);
  ctx.restore();
}

function drawMarks(canvas: uPlot, { plot, inks, selected }: Drawing, { values }: DrawnPart, part: number): void {
  const colours = inks();
  values.forEach((value, at) => {
    const time = plot.points[at]?.time;
    if (value === undefined || time === undefined) return;
    const size = sizeOf(value.mark) * (at === selected() ? 1.4 : 1);
    const ink = inkOf(colours, value.mark, part);
    drawMark(canvas.ctx, value.mark, canvas.valToPos(time, "x", true), canvas.valToPos(value.value, "y", true), size, ink, colours.surface);
  });
}

function drawMark(ctx: CanvasRenderingContext2D, mark: Mark, x: number, y: number, sizePx: number, ink: string, edge: string): void {
  const scale = (sizePx * devicePixelRatio) / MARK_SIZE;
  const shape = new Path2D(MARKS[mark]);
  ctx.save();
  ctx.translate(x - (MARK_SIZE / 2) * scale, y - (MARK_SIZE / 2) * scale);
  ctx.scale(scale, scale);
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = edge;
  ctx.stroke(shape);
  ctx.fillStyle = ink;
  ctx.fill(shape);
  ctx.restore();
}

function sizeOf(mark: Mark): number {
  return mark !== "normal" && isCritical(mark) ? CRITICAL_PX : MARK_PX;
}

function inkOf(inks: Inks, mark: Mark, part: number): string {
  if (mark === "normal") return partInk(inks, part);
  return isCritical(mark) ? inks.bad : inks.warn;
}
