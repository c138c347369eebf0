/** The workflow of a run as it goes: its states as a picture and as a table, and how far its items are. */

import { byId, element, setText } from "../common/dom.js";
import { Diagram } from "../common/diagram.js";
import { badge, capital, milliseconds, shown } from "../common/format.js";
import { number, pagedTable, row } from "../common/paging.js";
import { itemsByMap, stepsOf } from "./steps.js";

export class Workflow {
  /** @param {(item: string) => void} onItem Called with the item whose timeline is wanted. */
  constructor(onItem) {
    this.onItem = onItem;
    /** The tables of the items, by the names of their Maps. */
    this.items = new Map();
    this.states = new Diagram(byId("workflow-picture"), "The states of the workflow; the table of steps holds the same.", { lies: true });
    byId("error-states").addEventListener("change", () => this.drawStates());
    this.flow = new Diagram(byId("flow-picture"), "Who sent how many events of which type to whom; the events are listed under Events.");
  }

  /** @param {{workflow: string, wholeWorkflow: string}} pictures The states in Mermaid's words. */
  updatePicture(pictures) {
    this.pictures = pictures;
    byId("error-states-field").hidden = pictures.workflow === pictures.wholeWorkflow;
    return this.drawStates();
  }

  /** Draw the way of success and what was reached, or all states. */
  drawStates() {
    return this.states.update(byId("error-states").checked ? this.pictures.wholeWorkflow : this.pictures.workflow);
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    const { told } = story;
    // What stands below is shown once it is known where.
    this.updatePicture(told).then(() => byId("workflow").removeAttribute("aria-busy"));
    this.flow.update(told.diagram);
    this.steps ??= pagedTable(byId("steps"), "Steps of the workflow", STEP_COLUMNS, stepRow);
    this.steps.refresh(stepsOf(story));
    byId("items").hidden = story.items.length === 0;
    for (const group of itemsByMap(story)) this.tableOf(group).refresh(group.items);
    setText(byId("items-note"), neverBegun(story));
  }

  /** The table of a Map's items, made when there is the first of them. */
  tableOf({ map, title, one, result }) {
    if (!this.items.has(map)) {
      const place = element("div");
      byId("items").append(element("section", {}, element("h2", {}, capital(title)), place));
      const extra = result ? [{ title: capital(result), number: true }] : [];
      const columns = [{ title: capital(one) }, { title: "Status" }, ...extra, { title: "Time", number: true }];
      this.items.set(map, pagedTable(place, `${capital(title)} of the run`, columns, (item) => this.itemRow(item, result)));
    }
    return this.items.get(map);
  }

  itemRow({ name, title, status, result, took }, hasResult) {
    const open = element("button", { type: "button", class: "link", click: () => this.onItem(name) }, title);
    return row({}, open, badge(status), ...(hasResult ? [number(shown(result))] : []), number(milliseconds(took)));
  }
}

const STEP_COLUMNS = [{ title: "State" }, { title: "Status" }, { title: "Time", number: true }];

function stepRow({ name, status, took }) {
  return row({}, name, badge(status), number(milliseconds(took)));
}

/** How many items of each Map never had their turn, of a run that has ended. */
function neverBegun(story) {
  if (story.running) return "";
  const maps = story.states.filter((state) => state.type === "Map");
  const missing = maps.map((map) => [map, map.length - story.items.filter((item) => item.mapId === map.id).length]);
  return missing.filter(([map, count]) => map.length && count > 0).map(([map, count]) => `${map.name}: ${count} of ${map.length} never began.`).join(" ");
}
