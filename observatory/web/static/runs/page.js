/** The page of all runs, as they go: those that the address asks for, found by the server; and the form that starts one. */

import { onReturn, readAddress, writeAddress } from "../common/address.js";
import { get, post } from "../common/api.js";
import { whileBusy } from "../common/busy.js";
import { afterTyping, byId, element, setText } from "../common/dom.js";
import { capital, shortId } from "../common/format.js";
import { follow } from "../common/live.js";
import { announce, clear, report } from "../common/messages.js";
import { refresher } from "../common/refreshing.js";
import { StopDialog } from "../common/stopping.js";
import { StartForm } from "./form.js";
import { Rows } from "./rows.js";
import { makeSortable, showOrder } from "./sorting.js";

const TICK_MS = 1000;
const FILTERS = ["text", "status", "machine", "item", "error", "since", "until"];
const NEWEST = "newest";
const BAD_REQUEST = 400;

class RunsPage {
  constructor() {
    this.statuses = new Map();
    this.stopping = new StopDialog();
    for (const name of FILTERS) byId(`by-${name}`).addEventListener("input", afterTyping(() => this.filter()));
    byId("filters").addEventListener("submit", (submission) => submission.preventDefault());
    byId("page-before").addEventListener("click", () => this.turn(-1));
    byId("page-after").addEventListener("click", () => this.turn(1));
    onReturn(() => this.showAddress());
    setInterval(() => !document.hidden && this.rows?.tick(), TICK_MS);
    this.refresh = refresher(() => this.read());
    follow({ onOpen: this.refresh, onRuns: this.refresh });
  }

  /** @returns {Promise<boolean>} Whether it has to be read again. */
  async read() {
    try {
      if (!this.rows) this.takeMachines((await get("/api/machines")).machines);
      return await this.find();
    } catch (error) {
      report("runs", error);
      return true;
    }
  }

  /** Ask for the runs that the address asks for. @returns {Promise<boolean>} Whether more of them will be known. */
  async find() {
    const asked = this.query();
    try {
      const found = await get(`/api/runs${asked && `?${asked}`}`);
      clear("runs");
      setText(byId("filter-error"), "");
      // Meanwhile something else may have been asked for.
      if (asked !== this.query()) return true;
      this.show(found);
      return !found.complete;
    } catch (error) {
      if (error.status !== BAD_REQUEST) throw error;
      setText(byId("filter-error"), error.message);
      this.showTable();
      return false;
    }
  }

  /** What the address asks for, as the API takes it. */
  query() {
    const address = readAddress();
    const wanted = [...FILTERS, "sort", "page"].filter((name) => address[name]).map((name) => [name, address[name]]);
    return new URLSearchParams(wanted).toString();
  }

  takeMachines(machines) {
    this.rows = new Rows(byId("runs").tBodies[0], {
      machines,
      onStop: (run) => this.stopping.open(run.job, (button, reason) => this.act(button, run, "stop", "is stopped", { reason })),
      onRedrive: (run, button) => this.act(button, run, "redrive", "goes on from where it failed"),
    });
    this.form = new StartForm(machines);
    byId("by-machine").append(...machines.map(({ machine }) => element("option", { value: machine }, machine)));
    byId("by-machine-field").hidden = machines.length < 2;
    const head = byId("runs").tHead;
    if (machines.length > 1) head.querySelector(".status").after(element("th", { scope: "col" }, "Machine"));
    for (const { name, title } of this.rows.columns) head.querySelector(".failures").before(element("th", { scope: "col", class: "number", "data-sort": name }, capital(title)));
    makeSortable(head, (sort) => this.go({ sort: sort === NEWEST ? null : sort, page: null }));
    this.showAddress();
  }

  /** Ask for something else, by way of the address. */
  go(values, options) {
    writeAddress(values, options);
    this.showAddress();
  }

  filter() {
    this.go({ ...Object.fromEntries(FILTERS.map((name) => [name, byId(`by-${name}`).value])), page: null });
  }

  turn(by) {
    const page = (Number(readAddress().page) || 1) + by;
    this.go({ page: page > 1 ? page : null }, { step: true });
    byId("runs-table").scrollIntoView();
  }

  showAddress() {
    const wanted = readAddress();
    for (const name of FILTERS) if (byId(`by-${name}`).value !== (wanted[name] ?? "")) byId(`by-${name}`).value = wanted[name] ?? "";
    showOrder(byId("runs").tHead, wanted.sort ?? NEWEST);
    setText(byId("command"), commandOf(new URLSearchParams(this.query())));
    if (wanted.like) this.startLike(wanted.like);
    if (this.rows) this.find().then((again) => again && this.refresh()).catch((error) => report("runs", error));
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

  show({ runs, found, total, page, pages }) {
    this.rows.show(runs);
    this.showTable();
    byId("runs-table").hidden = found === 0;
    byId("no-runs").hidden = total > 0;
    byId("none-found").hidden = total === 0 || found > 0;
    setText(byId("found"), found === total ? `${total} runs` : `${found} of ${total} runs`);
    byId("pages").hidden = pages < 2;
    setText(byId("page-number"), `page ${page} of ${pages}`);
    byId("page-before").disabled = page === 1;
    byId("page-after").disabled = page === pages;
    this.announce(runs);
  }

  showTable() {
    byId("runs-table").removeAttribute("aria-busy");
  }

  async act(button, run, what, done, asked = {}) {
    await whileBusy(button, async () => {
      try {
        await post(`/api/runs/${encodeURIComponent(run.job)}/${what}`, asked);
        announce(element("span", {}, `Run ${shortId(run.job)} ${done}.`));
        clear("acting");
      } catch (error) {
        report("acting", error);
      }
    });
  }

  announce(runs) {
    const changed = runs.filter((run) => this.statuses.has(run.job) && this.statuses.get(run.job) !== run.status);
    for (const run of runs) this.statuses.set(run.job, run.status);
    if (changed.length) setText(byId("news"), changed.map((run) => `Run ${shortId(run.job)} ${run.status}`).join(", "));
  }
}

/** The command that lists the same. */
function commandOf(query) {
  const quoted = (value) => (/^[\w.:,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
  return ["python scripts/runs.py", ...[...query].map(([name, value]) => `--${name} ${quoted(value)}`)].join(" ");
}

new RunsPage();
