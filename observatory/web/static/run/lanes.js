/** Where the bars of a timeline stand: a lane for each function, with so many rows that no bar hides another. */

export const ROW_PX = 18;
/** Rows of more concurrency than fits get thinner; no browser has a canvas of any height. */
const TALLEST_PX = 2000;
const LANE_GAP_ROWS = 0.6;

/** How high a row is, in pixels. */
export function rowHeight(rows) {
  return Math.min(ROW_PX, TALLEST_PX / rows);
}

/**
 * @typedef {{name: string, first: number, rows: number, sideEffect: boolean}} Lane
 *
 * @param {import("./story.js").Bar[]} bars In the order in which they were put.
 * @param {string} firstLane What the first lane is, with or without bars.
 * @returns {{lanes: Lane[], rowOf: Map<string, number>, rows: number}} Rows counted from the top; `rowOf` by the bars' keys.
 */
export function packLanes(bars, firstLane) {
  const byLane = new Map([[firstLane, []]]);
  for (const bar of bars) {
    if (!byLane.has(bar.lane)) byLane.set(bar.lane, []);
    byLane.get(bar.lane).push(bar);
  }
  const lanes = [];
  const rowOf = new Map();
  let first = 0;
  for (const [name, members] of byLane) {
    const rows = packRows(members, (bar, row) => rowOf.set(bar.key, first + row));
    lanes.push({ name, first, rows, sideEffect: members.some((bar) => bar.sideEffect) });
    first += rows + LANE_GAP_ROWS;
  }
  return { lanes, rowOf, rows: first };
}

/** Give each bar the first row that is free by then, and return how many rows that takes. */
function packRows(bars, place) {
  const ends = [];
  for (const bar of bars) {
    const free = ends.findIndex((end) => end <= bar.put);
    const row = free < 0 ? ends.length : free;
    ends[row] = bar.end;
    place(bar, row);
  }
  return Math.max(ends.length, 1);
}

/**
 * The bars that can be seen: those within a range, without those of which a bar in the same row covers every pixel.
 * @param {import("./story.js").Bar[]} bars In the order in which they were put.
 * @param {Map<string, number>} rowOf
 * @param {{from: number, to: number}} range
 * @param {number} width Of the range, in pixels.
 * @param {(bar: import("./story.js").Bar) => boolean} [isKept] What is seen in any case.
 */
export function visibleBars(bars, rowOf, { from, to }, width, isKept = () => false) {
  const perPixel = (to - from) / width;
  const drawnTo = new Map();
  return bars.filter((bar) => {
    if (bar.end < from || bar.put > to) return false;
    const row = rowOf.get(bar.key);
    const end = Math.max(bar.end, bar.put + perPixel);
    if (end - (drawnTo.get(row) ?? -Infinity) < perPixel && !bar.error && !isKept(bar)) return false;
    drawnTo.set(row, Math.max(drawnTo.get(row) ?? -Infinity, end));
    return true;
  });
}
