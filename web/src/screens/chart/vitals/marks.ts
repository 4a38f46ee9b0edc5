// The shapes of flags: one path for the text and for the graph, so that a triangle means the same in both. Shape tells
// them apart without colour: up is high, down is low, two of them are critical, a diamond is abnormal without a direction.

import type { Flag } from "../../../vault";

export type Mark = Flag | "normal";

/** Paths are within a square of this size. */
export const MARK_SIZE = 16;

export const MARKS: Record<Mark, string> = {
  normal: "M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z",
  high: "M8 2 14.5 13.5H1.5z",
  low: "M8 14 1.5 2.5h13z",
  criticalHigh: "M8 .5 13.5 7.5h-11zM8 8 13.5 15.5h-11z",
  criticalLow: "M8 15.5 2.5 8.5h11zM8 8 2.5 .5h11z",
  abnormal: "M8 1.5 14.5 8 8 14.5 1.5 8z",
};

export function isCritical(flag: Flag): boolean {
  return flag === "criticalHigh" || flag === "criticalLow";
}
