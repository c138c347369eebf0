/** The workflow of a run as it goes: its states as a picture and as a table, and how far its people are. */

import { byId, element } from "./dom.js";
import { Diagram } from "./diagram.js";
import { badge, milliseconds } from "./format.js";
import { number, pagedTable, row } from "./paging.js";

export class Workflow {
  /** @param {(person: string) => void} onPerson Called with the person whose timeline is wanted. */
  constructor(onPerson) {
    this.onPerson = onPerson;
    this.states = new Diagram(byId("workflow-picture"), "The states of the workflow; the table of steps holds the same.");
    this.flow = new Diagram(byId("flow-picture"), "Who sent how many events of which type to whom; the events are listed under Events.");
    this.steps = pagedTable(byId("steps"), "Steps of the workflow", [{ title: "State" }, { title: "Status" }, { title: "Time", number: true }], stepRow);
    this.people = pagedTable(
      byId("people"),
      "People of the run",
      [{ title: "Person" }, { title: "Status" }, { title: "Cookies", number: true }, { title: "Time", number: true }],
      (person) => this.personRow(person),
    );
  }

  /** @param {string} text The states in Mermaid's words, as the stream has them between two stories. */
  updatePicture(text) {
    this.states.update(text);
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.states.update(story.told.workflow);
    this.flow.update(story.told.diagram);
    const timed = story.told.stateRuns.map((state) => ({ ...state, status: statusOf(state, story), took: tookMs(state, story) }));
    const conditions = new Map(story.told.states.map((state) => [state.name, state.class]));
    this.steps.refresh(timed.filter((state) => !state.person).map((state) => ({ ...state, status: conditions.get(state.state) ?? state.status })));
    this.people.refresh(peopleOf(timed, story));
  }

  personRow({ name, status, cookies, took }) {
    const open = element("button", { type: "button", class: "link", click: () => this.onPerson(name) }, name);
    return row({}, open, badge(status), number(cookies ?? ""), number(milliseconds(took)));
  }
}

function stepRow({ state, status, took }) {
  return row({}, state, badge(status.toUpperCase()), number(milliseconds(took)));
}

function statusOf(state, story) {
  if (state.failed || state.error || state.kind === "Fail") return "FAILED";
  if (state.exited) return "SUCCEEDED";
  return story.running ? "RUNNING" : story.execution.status;
}

function tookMs(state, story) {
  const end = state.exited ?? state.failed;
  return (end ? story.since(end) : story.ended) - story.since(state.entered);
}

/** A line for each person: of all states about them the first that failed, else the last. */
function peopleOf(states, story) {
  const cookies = new Map();
  for (const { person, record } of story.events) {
    const counted = record.detail?.numberOfCookiesConsumed;
    if (person && counted !== undefined) cookies.set(person, counted);
  }
  const people = new Map();
  for (const state of states) {
    if (!state.person) continue;
    const before = people.get(state.person);
    const status = before?.status === "FAILED" ? "FAILED" : state.status;
    people.set(state.person, { name: state.person, status, cookies: cookies.get(state.person), took: (before?.took ?? 0) + state.took });
  }
  return [...people.values()];
}
