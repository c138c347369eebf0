/** Where the time and the money of a run went: its critical path summed up, its functions, and what AWS would charge. */

import { byId, element, setText } from "../common/dom.js";
import { milliseconds } from "../common/format.js";
import { number, pagedTable, row } from "../common/paging.js";
import { colorOf, spent, spentByKind } from "./path.js";

export class Spending {
  /** @param {import("./story.js").Story} story */
  update(story) {
    const { told } = story;
    this.tables ??= {
      path: pagedTable(byId("path"), "What the run could not go on without", PATH_COLUMNS, pathRow),
      functions: pagedTable(byId("functions"), "Functions of the run", FUNCTION_COLUMNS, functionRow),
      cost: pagedTable(byId("cost"), "What the run would cost on AWS", COST_COLUMNS, costRow),
    };
    showKinds(spentByKind(story.criticalPath));
    this.tables.path.refresh(spent(story.criticalPath));
    this.tables.functions.refresh(told.totals);
    this.tables.cost.refresh([...told.cost.lines.filter(({ amount }) => amount > 0), { what: "in all", amount: null, dollars: told.cost.dollars }]);
    setText(byId("cost-note"), `Prices of ${told.cost.prices}, without a free tier.`);
  }
}

/** How much of the path was spent on what, as a bar and in words. */
function showKinds(kinds) {
  const parts = kinds.map(({ kind, share }) => element("span", { "data-kind": colorOf(kind), style: `--share: ${share.toFixed(4)}` }));
  const words = kinds.map(({ kind, took, share }) => element("li", { "data-kind": colorOf(kind) }, `${kind} ${milliseconds(took)}, ${Math.round(100 * share)} %`));
  byId("kinds").replaceChildren(element("div", { class: "spent", "aria-hidden": "true" }, ...parts), element("ul", { class: "legend" }, ...words));
}

const right = (...titles) => titles.map((title) => ({ title, number: true }));
const PATH_COLUMNS = [{ title: "State" }, { title: "What" }, ...right("Times", "Took", "Share")];
const FUNCTION_COLUMNS = [{ title: "Function" }, ...right("Invocations", "Failed", "Cold starts", "p50", "p95", "Longest", "Memory")];
const COST_COLUMNS = [{ title: "What" }, ...right("Amount", "Dollars")];

function pathRow({ state, what, times, took, share }) {
  const bar = element("span", { class: "share", style: `--share: ${(100 * share).toFixed(1)}%` }, `${Math.round(100 * share)} %`);
  return row({}, state, what, number(times), number(milliseconds(took)), element("td", { class: "number" }, bar));
}

function functionRow({ function: name, invocations, failed, cold_starts: cold, p50, p95, longest, memory_used: memory }) {
  const wrong = element("td", { class: `number${failed ? " error" : ""}` }, failed);
  const times = [p50, p95, longest].map((value) => number(milliseconds(value)));
  return row({}, name, number(invocations), wrong, number(cold), ...times, number(memory === null ? "" : `${memory} MB`));
}

function costRow({ what, amount, dollars }) {
  return row({}, what, number(amount === null ? "" : Number(amount.toFixed(3)).toLocaleString("en")), number(dollars.toFixed(6)));
}
