/** The rows of the table of runs; what has not changed stays as it is, so that nothing is lost under the pointer. */

import { element, refill, setText } from "../common/dom.js";
import { badge, seconds, shortId, shown } from "../common/format.js";
import { number, row } from "../common/paging.js";
import { sparkline, trendText } from "../common/sparkline.js";
import { momentAgo } from "../common/times.js";

/** A start event in a line is not longer than this. */
const LONGEST_START = 80;
const LONGEST_CAUSE = 160;
/** What has failed, and so can go on from where it did. */
const REDRIVABLE = new Set(["FAILED", "TIMED_OUT", "ABORTED"]);

/** The columns that the machines' runs have, each once. */
export function columnsOf(machines) {
  const byName = new Map(machines.flatMap(({ columns }) => columns.map((column) => [column.name, { ...column, number: true }])));
  return [...byName.values()];
}

export class Rows {
  /**
   * @param {HTMLTableSectionElement} body
   * @param {{machines: object[], onStop: (run: object) => void, onRedrive: (run: object, button: HTMLButtonElement) => void}} options
   */
  constructor(body, { machines, onStop, onRedrive }) {
    Object.assign(this, { body, machines, onStop, onRedrive, columns: columnsOf(machines), made: new Map() });
  }

  /** Show these runs. @param {object[]} runs As the API has them. */
  show(runs) {
    this.made = new Map(runs.map((run) => [run.job, this.rowOf(run)]));
    refill(this.body, [...this.made.values()].map((made) => made.row));
  }

  /** Let the clocks of those that run tick. */
  tick() {
    for (const cell of this.body.querySelectorAll("[data-began]")) setText(cell, seconds((performance.now() - cell.dataset.began) / 1000));
  }

  rowOf(run) {
    const is = JSON.stringify({ ...run, seconds: run.endedAt && run.seconds });
    const before = this.made.get(run.job);
    return before?.is === is ? before : { is, row: this.make(run) };
  }

  make(run) {
    const link = element("a", { href: `/runs/${encodeURIComponent(run.job)}`, title: run.job }, shortId(run.job));
    const began = run.status === "RUNNING" ? performance.now() - run.seconds * 1000 : null;
    return row(
      { "data-key": run.job },
      link,
      element("td", {}, badge(run.status), progressOf(run)),
      ...(this.machines.length > 1 ? [run.machine] : []),
      momentAgo(run.startedAt),
      element("td", { class: "number", "data-began": began, "data-seconds": run.seconds }, seconds(run.seconds)),
      run.trend.length ? sparkline(run.trend, trendText(run.trend)) : null,
      ...this.columns.map(({ name }) => number(shown(run.columns[name]))),
      element("td", { class: `number${run.failures ? " error" : ""}` }, run.failures),
      whyCell(run),
      element("td", { class: "do" }, ...this.actions(run)),
    );
  }

  /** What can be done with a run from here. */
  actions(run) {
    const job = encodeURIComponent(run.job);
    const words = (what) => [what, element("span", { class: "visually-hidden" }, ` run ${shortId(run.job)}`)];
    return [
      element("a", { href: `/compare?after=${job}` }, ...words("Compare")),
      element("a", { href: `/?like=${job}` }, ...words("Like it …")),
      run.status === "RUNNING" && element("button", { type: "button", class: "link", click: () => this.onStop(run) }, ...words("Stop …")),
      REDRIVABLE.has(run.status) &&
        element("button", { type: "button", class: "link", title: `python scripts/runs.py redrive ${run.job}`, click: ({ currentTarget }) => this.onRedrive(run, currentTarget) }, ...words("Redrive")),
    ].filter(Boolean);
  }
}

/** How far the items are of a run that goes on. */
function progressOf({ progress, status }) {
  if (status !== "RUNNING" || !progress) return null;
  const { done, total, many } = progress;
  const text = ` ${done} of ${total ?? "?"} ${many}`;
  if (total === null) return text;
  return element("span", { class: "far" }, element("progress", { max: Math.max(total, 1), value: done, "aria-label": `${many} done` }), text);
}

function whyCell({ cause, start }) {
  if (cause) return element("td", { class: "why error", title: cause }, element("span", {}, shortened(cause, LONGEST_CAUSE)));
  const said = Object.entries(start).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  return element("td", { class: "why" }, element("span", {}, shortened(said, LONGEST_START)));
}

function shortened(text, longest) {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
