/** The head of a run's page: its status and figures, how far it is, and whether all is told. */

import { byId, element, setText } from "../common/dom.js";
import { badge, capital, seconds, shortId, shown } from "../common/format.js";
import { momentAgo } from "../common/times.js";

/** Longer values of the start event are left to its own JSON. */
const LONGEST_VALUE = 40;

/**
 * @param {object} summary As the API has it.
 * @param {{columns: {name: string, title: string}[]}} words
 */
export function showSummary(summary, words) {
  document.title = `${summary.status} · Run ${shortId(summary.job)} · Sandbox`;
  const facts = [
    ["Status", badge(summary.status)],
    ["Machine", summary.machine],
    ["Started", momentAgo(summary.startedAt)],
    ["Duration", element("span", { id: "duration" }, seconds(summary.seconds))],
    ...words.columns.map(({ name, title }) => [capital(title), summary.columns[name] === null || summary.columns[name] === undefined ? "–" : shown(summary.columns[name])]),
    ["Failed for good", summary.failures],
    ...startFacts(summary.start, words),
  ];
  byId("summary").replaceChildren(...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  showProgress(summary);
  setText(byId("news"), `Run ${summary.status}`);
}

/** What the run was started with, as far as it is short and no column says it. */
function startFacts(start, words) {
  const columns = new Set(words.columns.map(({ name }) => name));
  return Object.entries(start)
    .filter(([name, value]) => !columns.has(name) && value !== null && JSON.stringify(value).length <= LONGEST_VALUE)
    .map(([name, value]) => [capital(name), typeof value === "string" ? value : JSON.stringify(value)]);
}

/** How far the items are while it goes on; a run that has ended is as far as it gets. */
function showProgress({ progress, status }) {
  const bar = byId("progress");
  byId("progress-line").hidden = status !== "RUNNING";
  const known = progress?.total ?? null;
  bar.hidden = status !== "RUNNING" || known === null;
  if (known !== null) {
    bar.max = Math.max(known, 1);
    bar.value = known === 0 ? 1 : progress.done;
  }
  const text = progress ? `${progress.done} of ${known ?? "?"} ${progress.many}` : "";
  setText(byId("progress-text"), status === "RUNNING" ? text || "…" : "");
}

/** Let the clock of a run that goes on tick. */
export function showDuration(milliseconds) {
  const place = byId("duration");
  if (place) setText(place, seconds(milliseconds / 1000));
}

/** Say whether more is to come. @param {{complete: boolean, expecting: boolean}} told */
export function showCompleteness({ complete, expecting }, running) {
  const text = running ? "" : complete ? "complete" : expecting ? "side effects go on" : "ended; not all that it began has reported";
  setText(byId("completeness"), text);
}
