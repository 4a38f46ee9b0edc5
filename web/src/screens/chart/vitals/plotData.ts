// What of a series can be drawn, and what is left to the table. Pure, so that what a graph shows can be tested.

import type { PlotNumber, Point, Series } from "../../../vault";
import type { Mark } from "./marks";
import { momentOf } from "./times";

/** More lines than this in one graph are told apart by nobody. */
const PARTS_MAX = 3;
/** Room above and below the values and their reference range. */
const MARGIN = 0.08;

export interface DrawnPoint {
  time: number;
  point: Point;
}

export interface DrawnValue {
  value: number;
  low: number | undefined;
  high: number | undefined;
  mark: Mark;
}

/** One line: the observation itself, or the systolic of a blood pressure. */
export interface DrawnPart {
  id: string;
  what: string;
  /** One for each point; `undefined` where it has no such part. */
  values: (DrawnValue | undefined)[];
}

export interface Plot {
  points: readonly DrawnPoint[];
  parts: readonly DrawnPart[];
  unit: string | undefined;
  /** Values that are in the table only: without a number or a time, or in another unit than the newest. */
  notDrawn: number;
  /** Limits of the two axes. */
  times: [least: number, most: number];
  values: [least: number, most: number];
}

/** A graph of the points; `undefined` where there are not two to draw. */
export function plotOf(series: Series, points: readonly Point[]): Plot | undefined {
  const newest = points.findLast(({ numbers }) => numbers.length > 0);
  const unit = newest?.numbers[0]?.unit;
  const ids = partsOf(points, unit);
  if (ids.size > PARTS_MAX) return undefined;
  const drawn = points.flatMap((point) => {
    const time = point.when === undefined ? undefined : momentOf(point.when);
    // On one axis pounds would read as kilograms.
    const fits = point.numbers.length > 0 && point.numbers.every((number) => number.unit === unit);
    return time === undefined || !fits ? [] : [{ time, point }];
  });
  if (drawn.length < 2) return undefined;
  drawn.sort((a, b) => a.time - b.time);

  const parts = [...ids].map(([id, what]) => ({ id, what: what === "" ? series.what : what, values: drawn.map(({ point }) => valueOf(point, id)) }));
  const shown = parts.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const heights = shown.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const [first, last] = [drawn[0]?.time ?? 0, drawn.at(-1)?.time ?? 0];
  return {
    points: drawn,
    parts,
    unit,
    notDrawn: points.length - drawn.length,
    times: widened(first, last),
    values: widened(Math.min(...heights), Math.max(...heights)),
  };
}

/** The parts in the order of the record, with their names. */
function partsOf(points: readonly Point[], unit: string | undefined): Map<string, string> {
  const parts = new Map<string, string>();
  for (const { numbers } of points) {
    for (const number of numbers) {
      if (number.unit === unit && !parts.has(number.part)) parts.set(number.part, number.what);
    }
  }
  return parts;
}

function valueOf(point: Point, part: string): DrawnValue | undefined {
  const number = point.numbers.find((one) => one.part === part);
  if (number === undefined) return undefined;
  const { value, low, high } = number;
  return { value, low, high, mark: markOf(point, number) };
}

/**
 * How one number is marked. The flag is of the observation as a whole: of a high systolic and a normal diastolic, the
 * normal one is drawn as such where its own range says so.
 */
function markOf({ flag, numbers }: Point, { value, low, high }: PlotNumber): Mark {
  if (numbers.length === 1 || (low === undefined && high === undefined)) return flag ?? "normal";
  if (low !== undefined && value < low) return flag === "criticalLow" ? flag : "low";
  if (high !== undefined && value > high) return flag === "criticalHigh" ? flag : "high";
  return "normal";
}

function widened(least: number, most: number): [number, number] {
  const room = most > least ? (most - least) * MARGIN : Math.max(1, Math.abs(most) * MARGIN);
  return [least - room, most + room];
}
