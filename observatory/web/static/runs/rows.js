/** The rows of the table of runs. */

import { element, setText } from "../common/dom.js";
import { badge, seconds, shortId, shown } from "../common/format.js";
import { number, row } from "../common/paging.js";
import { momentAgo } from "../common/times.js";

/** A start event in a line is not longer than this. */
const LONGEST_START = 80;

/** The columns that the machines' runs have, each once. */
export function columnsOf(machines) {
  const byName = new Map(machines.flatMap(({ columns }) => columns.map((column) => [column.name, { ...column, number: true }])));
  return [...byName.values()];
}

/**
 * @param {object} run As the API has it.
 * @param {object[]} machines
 * @param {{name: string, title: string}[]} columns
 */
export function runRow(run, machines, columns) {
  const link = element("a", { href: `/runs/${encodeURIComponent(run.job)}`, title: run.job }, shortId(run.job));
  const began = run.status === "RUNNING" ? performance.now() - run.seconds * 1000 : null;
  return row(
    { "data-key": run.job },
    link,
    element("td", {}, badge(run.status), progressOf(run)),
    ...(machines.length > 1 ? [run.machine] : []),
    momentAgo(run.startedAt),
    element("td", { class: "number", "data-began": began }, seconds(run.seconds)),
    ...columns.map(({ name }) => number(shown(run.columns[name]))),
    element("td", { class: `number${run.failures ? " error" : ""}` }, run.failures),
    element("td", { class: "seed", title: run.error ?? null }, run.error ? element("span", { class: "error" }, run.error) : startOf(run.start)),
  );
}

/** Let the clocks of those that run tick. */
export function tickRows(table) {
  for (const cell of table.querySelectorAll("[data-began]")) setText(cell, seconds((performance.now() - cell.dataset.began) / 1000));
}

/** How far the items are of a run that goes on. */
function progressOf({ progress, status }) {
  if (status !== "RUNNING" || !progress) return null;
  const { done, total, many } = progress;
  const text = ` ${done} of ${total ?? "?"} ${many}`;
  if (total === null) return text;
  return element("span", { class: "far" }, element("progress", { max: Math.max(total, 1), value: done, "aria-label": `${many} done` }), text);
}

function startOf(start) {
  const text = Object.entries(start).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  return text.length > LONGEST_START ? `${text.slice(0, LONGEST_START - 1)}…` : text;
}
