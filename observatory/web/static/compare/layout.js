/** Where the bars of two runs stand, one over the other: a row for each part that either has, in blocks of a name. */

export const ROW_PX = 16;
/** Rows of many items get thinner; no browser has a canvas of any height. */
const TALLEST_PX = 2400;
const GAP_ROWS = 0.6;

/**
 * @typedef {{kind: string, name: string, item: string | null, change: string, before: Span | null, after: Span | null}} Part
 * @typedef {{began: number, ended: number, seconds: number, failed: boolean}} Span
 * @typedef {{name: string, first: number, rows: number}} Block
 *
 * @param {Part[]} parts As the API has them.
 * @returns {{blocks: Block[], rows: {part: Part, at: number}[], height: number, end: number}} `at` and `height` in rows; `end` in seconds.
 */
export function layOut(parts) {
  const blocks = [];
  const rows = [];
  let at = 0;
  for (const [, group] of Map.groupBy(parts, ({ kind, name }) => `${kind} ${name}`)) {
    const ordered = group.toSorted((one, other) => beganOf(one) - beganOf(other));
    blocks.push({ name: group[0].name, first: at, rows: group.length });
    for (const part of ordered) rows.push({ part, at: at++ });
    at += GAP_ROWS;
  }
  const end = Math.max(...parts.flatMap(({ before, after }) => [before?.ended ?? 0, after?.ended ?? 0]), 0.001);
  return { blocks, rows, height: at, end };
}

/** The row at a height, which is in rows; nothing above, below and between the blocks. */
export function rowAt(rows, height) {
  return rows.find(({ at }) => at <= height && height < at + 1);
}

/** How high a row is, in pixels. */
export function rowHeight(height) {
  return Math.min(ROW_PX, TALLEST_PX / Math.max(height, 1));
}

/**
 * The bars of a row, from top to bottom in parts of its height: the run before fills it, the run after lies upon it.
 * @param {Part} part
 */
export function barsOf({ before, after, change }) {
  return [
    before && { ...before, kind: "wait", top: 0, height: 0.9 },
    after && { ...after, kind: after.failed ? "failed" : change === "new" ? "done" : "work", top: 0.25, height: 0.4 },
  ].filter(Boolean);
}

function beganOf({ before, after }) {
  return after?.began ?? before.began;
}
