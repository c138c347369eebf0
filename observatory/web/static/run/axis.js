/** The time axis of a timeline: which part of the run is shown, and how its ticks are written. */

const TICKS = 8;
/** More than this can nothing be enlarged, in milliseconds. */
const SHORTEST_MS = 2;

/**
 * @typedef {{from: number, to: number}} Range Milliseconds since the run began.
 *
 * The range that has a factor of a range's length around the same middle, within the whole.
 * @param {Range} range
 * @param {number} factor
 * @param {number} end Where the whole ends; it begins with 0.
 * @returns {Range}
 */
export function scaled({ from, to }, factor, end) {
  const length = Math.min(Math.max((to - from) * factor, SHORTEST_MS), end);
  const first = Math.min(Math.max((from + to - length) / 2, 0), end - length);
  return { from: first, to: first + length };
}

/** The moments of the ticks: round ones, so many as are easily told apart. */
export function ticksOf({ from, to }, most = TICKS) {
  const step = stepOf(to - from, most);
  const ticks = [];
  for (let number = Math.ceil(from / step); number * step <= to; number += 1) ticks.push(number * step);
  return ticks;
}

/** A tick in words, with as many places as tell it from the next. */
export function tickLabel(at, range, most = TICKS) {
  const step = stepOf(range.to - range.from, most);
  if (step >= 60_000) return `${(at / 60_000).toFixed(step % 60_000 ? 1 : 0)} min`;
  return `${(at / 1000).toFixed(Math.max(0, Math.ceil(-Math.log10(step / 1000) - 1e-9)))} s`;
}

/** The length of the step between two ticks: 1, 2 or 5, ten times as much, and so on. */
function stepOf(length, most) {
  const least = length / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const steps = least >= 1000 ? [1, 2, 3, 6, 10] : [1, 2, 5, 10];
  return steps.map((factor) => factor * power).find((step) => step >= least - 1e-9);
}
