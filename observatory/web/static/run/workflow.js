/** The workflow of a run as it goes: its states as a picture and as a table, and how far its items are. */

import { byId, element, setText } from "../common/dom.js";
import { Diagram } from "../common/diagram.js";
import { badge, capital, fileName, milliseconds, shown } from "../common/format.js";
import { number, pagedTable, row } from "../common/paging.js";
import { itemsByMap, stepsOf } from "./steps.js";

export class Workflow {
  /** @param {(key: string, opener: HTMLElement | null) => void} onSelect Called with what is to be shown beside. */
  constructor(onSelect) {
    this.onSelect = onSelect;
    /** The tables of the items, by the names of their Maps. */
    this.items = new Map();
    this.clocks = [];
    this.states = new Diagram(byId("workflow-picture"), "The states of the workflow; the table of steps holds the same.", {
      lies: true,
      choiceOf: (id, text) => this.nodeChoice(id, text),
      onSelect,
    });
    byId("save-workflow").addEventListener("click", () => this.states.save(fileName("workflow", this.story.job)));
    byId("save-events").addEventListener("click", () => this.flow.save(fileName("events", this.story.job)));
    byId("definition").addEventListener("click", ({ currentTarget }) => onSelect("definition", currentTarget));
    byId("error-states").addEventListener("change", () => this.drawStates());
    this.flow = new Diagram(byId("flow-picture"), "Who sent how many events of which type to whom; the events are listed under Events.", {
      choiceOf: (part, text) => this.flowChoice(part, text),
      onSelect,
    });
  }

  /** What a node of the workflow stands for: all entries of a state. */
  nodeChoice(id, text) {
    const state = this.pictures.states.find((one) => one.id === id);
    return state ? { key: `node ${state.name}`, name: text } : null;
  }

  /** What a node or an edge of the flow stands for. */
  flowChoice(part, text) {
    if (typeof part === "number") {
      const edge = this.flowParts.edges[part];
      return edge ? { key: `edge ${JSON.stringify(edge)}`, name: `${text} from ${edge[0]} to ${edge[2]}` } : null;
    }
    const name = this.flowParts.nodes[Number(part.slice(1))];
    return name ? { key: `function ${name}`, name: text } : null;
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

  /** Let the times of what goes on go on. */
  tick() {
    for (const tick of this.clocks) tick();
  }

  /** A cell with how long something takes, which runs on while that does. */
  timeCell({ status, took, began }) {
    const cell = number(milliseconds(took));
    if (status === "RUNNING") this.clocks.push(() => setText(cell, milliseconds(this.story.ended - began)));
    return cell;
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    const { told } = story;
    this.story = story;
    this.clocks = [];
    // What stands below is shown once it is known where.
    this.updatePicture(told).then(() => byId("workflow").removeAttribute("aria-busy"));
    this.flowParts = told.flow;
    this.flow.update(told.diagram);
    this.steps ??= pagedTable(byId("steps"), "Steps of the workflow", STEP_COLUMNS, (step) => this.stepRow(step));
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

  stepRow(step) {
    const { id, name, status } = step;
    const key = `state ${id}`;
    const open = element("button", { type: "button", class: "link", click: ({ currentTarget }) => this.onSelect(key, currentTarget) }, name);
    return row({ "data-key": key }, open, badge(status), this.timeCell(step));
  }

  itemRow(item, hasResult) {
    const { mapId, index, attempt, title, status, result } = item;
    const key = `item ${mapId} ${index} ${attempt}`;
    const open = element("button", { type: "button", class: "link", click: ({ currentTarget }) => this.onSelect(key, currentTarget) }, title);
    return row({ "data-key": key }, open, badge(status), ...(hasResult ? [number(shown(result))] : []), this.timeCell(item));
  }
}

const STEP_COLUMNS = [{ title: "State" }, { title: "Status" }, { title: "Time", number: true }];

/** How many items of each Map never had their turn, of a run that has ended. */
function neverBegun(story) {
  if (story.running) return "";
  const maps = story.states.filter((state) => state.type === "Map" && story.isLast(state));
  const missing = maps.map((map) => [map, map.length - story.items.filter((item) => item.mapId === map.id && item.attempt === map.tries).length]);
  return missing.filter(([map, count]) => map.length && count > 0).map(([map, count]) => `${map.name}: ${count} of ${map.length} never began.`).join(" ");
}
