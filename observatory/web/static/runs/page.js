/** The page of all runs, as they go; and the form that starts one. */

import { onReturn, readAddress, writeAddress } from "../common/address.js";
import { get } from "../common/api.js";
import { afterTyping, byId, element, setText } from "../common/dom.js";
import { capital, shortId } from "../common/format.js";
import { follow } from "../common/live.js";
import { clear, report } from "../common/messages.js";
import { PagedList } from "../common/paging.js";
import { refresher } from "../common/refreshing.js";
import { filtered } from "./filtering.js";
import { StartForm } from "./form.js";
import { columnsOf, runRow, tickRows } from "./rows.js";

const TICK_MS = 1000;
const FILTERS = ["status", "of", "since", "q", "sort"];

class RunsPage {
  constructor() {
    this.runs = [];
    this.older = [];
    /** Where the runs of each machine go on that are older than those that are known. */
    this.next = new Map();
    this.statuses = new Map();
    this.list = new PagedList(byId("runs").tBodies[0], byId("more-runs"), (run) => runRow(run, this.machines, this.columns));
    for (const name of FILTERS) byId(name).addEventListener("input", afterTyping(() => this.filter()));
    byId("filters").addEventListener("submit", (submission) => submission.preventDefault());
    byId("older").addEventListener("click", () => this.readOlder());
    onReturn(() => this.showAddress());
    setInterval(() => !document.hidden && tickRows(byId("runs")), TICK_MS);
    const refresh = refresher(() => this.read());
    follow({ onOpen: refresh, onRuns: refresh });
  }

  /** @returns {Promise<boolean>} Whether it has to be read again. */
  async read() {
    try {
      if (!this.machines) this.takeMachines((await get("/api/machines")).machines);
      this.runs = (await get("/api/runs")).runs;
      this.show();
      this.announce();
      clear("runs");
      return false;
    } catch (error) {
      report("runs", error);
      return true;
    }
  }

  takeMachines(machines) {
    this.machines = machines;
    this.columns = columnsOf(machines);
    this.form = new StartForm(machines);
    byId("of").append(...machines.map(({ machine }) => element("option", { value: machine }, machine)));
    byId("of-field").hidden = machines.length < 2;
    const after = byId("runs").querySelector("thead .failures");
    if (machines.length > 1) byId("runs").querySelector("thead .status").after(element("th", { scope: "col" }, "Machine"));
    for (const { title, number } of this.columns) after.before(element("th", { scope: "col", class: number ? "number" : null }, capital(title)));
    this.showAddress();
  }

  showAddress() {
    const wanted = readAddress();
    for (const name of FILTERS) byId(name).value = wanted[name] ?? "";
    if (wanted.like) this.startLike(wanted.like);
    this.show();
  }

  /** Offer to start a run with what started another one. */
  async startLike(job) {
    writeAddress({ like: null });
    try {
      this.form.fill(await get(`/api/runs/${encodeURIComponent(job)}/start`));
    } catch (error) {
      byId("start-error").textContent = error.message;
    }
  }

  filter() {
    writeAddress(Object.fromEntries(FILTERS.map((name) => [name, byId(name).value])));
    this.show();
  }

  show() {
    if (!this.machines) return;
    const known = [...this.runs, ...this.older.filter((run) => !this.runs.some((one) => one.job === run.job))];
    const wanted = readAddress();
    const found = filtered(known, { ...wanted, machine: wanted.of }, Date.now());
    this.list.refresh(found);
    byId("runs-table").hidden = found.length === 0;
    byId("runs-table").removeAttribute("aria-busy");
    byId("no-runs").hidden = known.length > 0;
    byId("none-found").hidden = known.length === 0 || found.length > 0;
    byId("filters").hidden = known.length === 0;
    setText(byId("found"), found.length === known.length ? `${known.length} runs` : `${found.length} of ${known.length} runs`);
    byId("older").hidden = this.runs.length < 200 || [...this.next.values()].every((token) => token === null) && this.next.size > 0;
  }

  /** Read a page more of the runs of each machine. */
  async readOlder() {
    for (const { machine } of this.machines) {
      const token = this.next.get(machine);
      if (token === null) continue;
      const page = await get(`/api/machines/${encodeURIComponent(machine)}/runs${token ? `?from=${encodeURIComponent(token)}` : ""}`);
      this.older.push(...page.runs);
      this.next.set(machine, page.next);
    }
    this.show();
  }

  announce() {
    const changed = this.runs.filter((run) => this.statuses.size && this.statuses.get(run.job) !== run.status);
    for (const run of this.runs) this.statuses.set(run.job, run.status);
    if (changed.length) setText(byId("news"), changed.map((run) => `Run ${shortId(run.job)} ${run.status}`).join(", "));
  }
}

new RunsPage();
