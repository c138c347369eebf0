/** The page of all runs, newest first, as they go; and the form that starts one. */

import { post } from "./api.js";
import { byId, element, setText } from "./dom.js";
import { badge, moment, seconds, shortId } from "./format.js";
import { follow } from "./live.js";
import { number, PagedList, row } from "./paging.js";

const statuses = new Map();
const list = new PagedList(byId("runs").tBodies[0], byId("more-runs"), runRow);

function runRow(run) {
  const link = element("a", { href: `/runs/${encodeURIComponent(run.job)}`, title: run.job }, shortId(run.job));
  const failures = element("td", { class: `number${run.failures ? " error" : ""}` }, run.failures);
  return row(
    { "data-key": run.job },
    link,
    badge(run.status),
    moment(run.startedAt),
    number(seconds(run.seconds)),
    peopleCell(run),
    number(run.cookies ?? ""),
    failures,
    element("td", { class: "seed" }, run.seed ?? ""),
  );
}

function peopleCell({ people, peopleDone, status }) {
  if (people === null) return element("td", {}, status === "RUNNING" ? "…" : "");
  if (status === "SUCCEEDED" || people < 1) return element("td", {}, people);
  const bar = element("progress", { max: Math.max(people, 1), value: peopleDone, "aria-label": "people done" });
  return element("td", {}, bar, ` ${peopleDone} of ${people}`);
}

function show({ runs }) {
  list.refresh(runs);
  byId("no-runs").hidden = runs.length > 0;
  byId("runs").hidden = runs.length === 0;
  announce(runs);
}

function announce(runs) {
  const changed = runs.filter((run) => statuses.size && statuses.get(run.job) !== run.status);
  for (const run of runs) statuses.set(run.job, run.status);
  if (changed.length) setText(byId("news"), changed.map((run) => `Run ${shortId(run.job)} ${run.status}`).join(", "));
}

byId("start").addEventListener("submit", async (submission) => {
  submission.preventDefault();
  const { people, seed } = submission.target.elements;
  const asked = {};
  if (people.value !== "") asked.people = people.valueAsNumber;
  if (seed.value !== "") asked.seed = seed.value;
  byId("start-error").textContent = "";
  try {
    const { job } = await post("/api/runs", asked);
    location.assign(`/runs/${encodeURIComponent(job)}`);
  } catch (error) {
    byId("start-error").textContent = error.message;
  }
});

follow("/api/live", { runs: show });
