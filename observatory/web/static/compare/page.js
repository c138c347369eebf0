/** The page that compares two runs: which ones, the address says. */

import { onReturn, readAddress, writeAddress } from "../common/address.js";
import { get, post } from "../common/api.js";
import { whileBusy } from "../common/busy.js";
import { byId, element, refill, setText } from "../common/dom.js";
import { badge, seconds, shortId, shown } from "../common/format.js";
import { follow } from "../common/live.js";
import { clear, report } from "../common/messages.js";
import { refresher } from "../common/refreshing.js";
import { save } from "../common/saving.js";
import { momentAgo } from "../common/times.js";
import { OverlayChart } from "./chart.js";
import { namesTable, orderedParts, partsTable } from "./tables.js";

class ComparePage {
  constructor() {
    this.chart = new OverlayChart(byId("overlay"));
    this.refresh = refresher(() => this.read());
    byId("pair").addEventListener("submit", (submission) => {
      submission.preventDefault();
      this.go({ before: byId("before").value.trim(), after: byId("after").value.trim() });
    });
    byId("swap").addEventListener("click", () => this.go({ before: this.found.after.job, after: this.found.before.job }));
    byId("again").addEventListener("click", ({ currentTarget }) => whileBusy(currentTarget, () => this.runAgain()));
    byId("save-timelines").addEventListener("click", () => this.save());
    byId("also-same").addEventListener("change", () => this.showParts());
    onReturn(() => this.read());
    follow({ onOpen: this.refresh, onRuns: (runs) => this.takeNews(runs) });
    this.offerRuns();
  }

  /** Compare other runs, by way of the address. */
  go(pair) {
    writeAddress(pair, { step: true });
    this.read();
  }

  /** Start the later run anew, and compare it with itself as it was. */
  async runAgain() {
    try {
      const { job } = this.found.after;
      const again = await post(`/api/runs/${encodeURIComponent(job)}/again`);
      this.go({ before: job, after: again.job });
    } catch (error) {
      report("comparing", error);
    }
  }

  async read() {
    const { before = "", after = "" } = readAddress();
    try {
      const found = await get(`/api/compare?${new URLSearchParams({ before, after })}`);
      const now = readAddress();
      // Meanwhile others may have been asked for.
      if ((now.before ?? "") !== before || (now.after ?? "") !== after) return;
      this.show(found);
      clear("comparing");
    } catch (error) {
      byId("comparison").hidden = true;
      this.fill({ before, after });
      report("comparing", error);
    }
  }

  takeNews(runs) {
    if (runs.some(({ job }) => job === this.found?.before.job || job === this.found?.after.job)) this.refresh();
  }

  async offerRuns() {
    try {
      const { runs } = await get("/api/runs");
      byId("known-runs").replaceChildren(...runs.map((run) => element("option", { value: run.job }, `${run.status} ${seconds(run.seconds)} ${JSON.stringify(run.start)}`)));
    } catch (error) {
      report("comparing", error);
    }
  }

  show(found) {
    this.found = found;
    const { before, after } = found;
    this.fill({ before: before.job, after: after.job });
    // The address holds both, also where one of them was only implied.
    writeAddress({ before: before.job, after: after.job });
    document.title = `${shortId(before.job)} and ${shortId(after.job)} · Sandbox`;
    setText(byId("command"), `python scripts/explain.py ${after.job} --against ${before.job}`);
    refill(byId("heads"), [headOf("Before", before), headOf("After", after)]);
    byId("otherwise").replaceChildren(...otherwise(found));
    byId("swap").disabled = byId("again").disabled = false;
    byId("comparison").hidden = false;
    byId("comparison").removeAttribute("aria-busy");
    this.chart.show(found.parts);
    this.parts ??= partsTable(byId("parts"));
    this.names ??= namesTable(byId("names"));
    this.showParts();
    this.names.refresh(found.names);
  }

  /** Put a pair into the form; what somebody types there stays until there is another pair. */
  fill(pair) {
    const filled = JSON.stringify(pair);
    if (filled === this.filled) return;
    this.filled = filled;
    for (const [name, job] of Object.entries(pair)) byId(name).value = job;
  }

  save() {
    const { before, after } = this.found;
    save(this.chart.svgText(), `compare-${shortId(before.job)}-${shortId(after.job)}.svg`);
  }

  showParts() {
    this.parts?.refresh(orderedParts(this.found.parts, byId("also-same").checked));
  }
}

function headOf(which, run) {
  const facts = [
    ["Run", element("a", { href: `/runs/${encodeURIComponent(run.job)}` }, shortId(run.job))],
    ["Status", badge(run.status)],
    ["Duration", seconds(run.seconds)],
    ["Started", momentAgo(run.startedAt)],
    ["On AWS", `$${run.dollars.toFixed(6)}`],
    ["Input", JSON.stringify(run.start)],
  ];
  const list = element("dl", { class: "facts" }, ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  return element("section", { class: "card", "aria-label": which, "data-key": which }, element("h2", {}, which), list);
}

/** What came out otherwise, a line each. */
function otherwise({ sameInput, values, events, failures }) {
  const lines = [
    ...failures.new.map((sentence) => element("li", { class: "error" }, `fails now: ${sentence}`)),
    ...failures.gone.map((sentence) => element("li", {}, `failed before: ${sentence}`)),
    ...values.map(({ title, item, before, after }) => element("li", {}, `${title}${item ? ` of ${item}` : ""}: ${said(before)} → ${said(after)}`)),
    ...events.map(({ type, before, after }) => element("li", {}, `${type} events: ${before} → ${after}`)),
  ];
  const input = element("li", { class: "note" }, sameInput ? "Both were started with the same." : "They were not started with the same.");
  return lines.length ? [input, ...lines] : [input, element("li", {}, "Nothing: the same figures, as many events, the same failures.")];
}

function said(value) {
  return value === null || value === undefined ? "nothing" : shown(value);
}

new ComparePage();
