/** The shapes of a bar, told apart by more than their colours: waiting is a line, a cold start half as high as work, a side effect round. */

import { kindOf } from "./bars.js";

const BAR_PER_ROW = 0.84;
const LINE_PER_BAR = 0.22;
const COLD_PER_BAR = 0.6;
/** What was so short that it would have no pixel. */
const LEAST_PX = 2;
const LEAST_FAILED_PX = 5;
const SIMPLE_PX = 4;

/**
 * @param {import("./story.js").Bar} bar
 * @param {{put: number, cold: number, start: number, end: number}} at Where its moments are, in pixels.
 * @param {{top: number, rowHeight: number}} row
 * @returns {{kind: string, from: number, to: number, y: number, height: number, radius?: number}[]} Kinds are names of colours.
 */
export function shapesOf(bar, at, { top, rowHeight }) {
  const height = rowHeight * BAR_PER_ROW;
  const centered = (share) => ({ y: top + (height * (1 - share)) / 2, height: height * share });
  // Of what is hardly seen, the parts are not told apart; there may be ten thousand of them.
  if (at.end - at.put < SIMPLE_PX) return [{ kind: kindOf(bar), from: at.put, to: Math.max(at.end, at.put + LEAST_PX), y: top, height, radius: 0 }];
  const least = bar.error ? LEAST_FAILED_PX : LEAST_PX;
  const shapes = [
    { kind: "wait", from: at.put, to: at.cold, ...centered(LINE_PER_BAR), radius: 0 },
    { kind: "cold", from: at.cold, to: at.start, ...centered(COLD_PER_BAR) },
    { kind: kindOf(bar), from: at.start, to: Math.max(at.end, at.start + least), y: top, height, radius: bar.sideEffect ? height / 2 : 2 },
  ];
  return shapes.filter(({ from, to }) => to > from);
}
