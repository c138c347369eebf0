/** A state: one entry of it with its input, output, tries and log; or, of one that was entered often, all of them. */

import { ApiError, get } from "../common/api.js";
import { explainError } from "../common/causes.js";
import { element } from "../common/dom.js";
import { badge, milliseconds, since } from "../common/format.js";
import { chainOf } from "./chain.js";
import { definitionPart } from "./definition.js";
import { eventDetails } from "./event_details.js";
import { Log } from "./log.js";
import { Part, facts, heading, linkTo, links, valueSection } from "./sections.js";
import { heartbeatText, triesText, untilText } from "./tries.js";

/** @returns {import("./subjects.js").Subject | null} */
export function stateSubject(story, id, { onSelect, onReplay }) {
  let state = story.stateById.get(Number(id));
  if (!state) return null;
  let known = story;
  const [times, error, tries, values, chain, events, inside] = Array.from({ length: 7 }, () => new Part());
  const log = state.type === "Task" ? new Log(story.job, { state: state.id }, { names: true }) : null;
  const definition = definitionPart(story, state.name);
  return {
    title: [state.name, state.item].filter(Boolean).join(" for "),
    parts: [times.place, error.place, tries.place, values.place, inside.place, chain.place, events.place, ...(log ? [log.place] : []), definition],
    update(now) {
      known = now;
      state = now.stateById.get(state.id) ?? state;
      this.tick();
      error.show(state.error ?? "", () => (state.error ? [element("p", { class: "error" }, explainError(state.error))] : []));
      values.show(`${state.status} ${state.tries}`, () => [valuesOf(now.job, state)]);
      const bar = now.barByKey.get(`state ${state.id}`);
      const made = bar && chainOf(now, bar, onSelect);
      chain.show(made?.textContent ?? "", () => (made ? [heading("Causes and effects"), made] : []));
      events.show(state.eventIds.join(), () => emitted(now, state, onReplay));
      const within = now.states.filter((one) => one.parent === state.id);
      inside.show(within.map(({ id: one, status }) => `${one} ${status}`).join(), () => (within.length ? [heading("What is in it"), entries(within, onSelect, now)] : []));
      log?.read(state.status === "RUNNING");
    },
    tick() {
      const content = timesOf(known, state);
      times.show(content.textContent, () => [content]);
      const told = triesText(known, state, known.ended);
      tries.show(told.join(), () => (told.length ? [heading("Tries"), element("ol", { class: "links" }, ...told.map((text) => element("li", {}, text)))] : []));
      if (state.status === "RUNNING") log?.read(true);
    },
  };
}

/** All entries of a state, by its name; of one that was entered once, that. */
export function nodeSubject(story, name, listeners) {
  const entered = story.states.filter((state) => state.name === name);
  if (entered.length === 1) return stateSubject(story, entered[0].id, listeners);
  const list = new Part();
  return {
    title: name,
    parts: [list.place, definitionPart(story, name)],
    update(now) {
      const all = now.states.filter((state) => state.name === name);
      const count = (status) => all.filter((state) => state.status === status).length || null;
      list.show(all.map(({ id, status }) => `${id} ${status}`).join(), () => [
        all.length === 0 ? element("p", { class: "note" }, "not entered in this run") : null,
        facts([["Entered", all.length], ["Succeeded", count("SUCCEEDED")], ["Running", count("RUNNING")], ["Failed", count("FAILED")], ["Timed out", count("TIMED_OUT")], ["Aborted", count("ABORTED")]]),
        entries(all, listeners.onSelect, now),
      ]);
    },
  };
}

function entries(states, onSelect, story) {
  const worstFirst = [...states].sort((one, other) => Number(other.failed !== null) - Number(one.failed !== null));
  return links(worstFirst, (state) => [
    linkTo(`state ${state.id}`, [state.name, state.item].filter(Boolean).join(" for "), onSelect),
    " ",
    badge(state.status),
    element("span", { class: "note" }, ` ${milliseconds((state.ended ?? story.ended) - state.entered)}`),
  ]);
}

/** Input and output, which are asked for only when they are to be seen. */
function valuesOf(job, state) {
  const place = element("div", {}, element("p", { class: "note" }, "loading …"));
  get(`/api/runs/${encodeURIComponent(job)}/states/${state.id}`).then(
    ({ input, output, error, cause }) => {
      const failed = error || cause ? valueSection(`Error ${error ?? ""}`, cause ?? error, { open: true }) : null;
      place.replaceChildren(...[failed, valueSection("Input", input), valueSection("Output", output)].filter(Boolean));
    },
    (error) => {
      if (!(error instanceof ApiError)) throw error;
      place.replaceChildren(element("p", { class: "error" }, error.message));
    },
  );
  return place;
}

function emitted(story, state, onReplay) {
  const events = state.eventIds.map((id) => story.eventById.get(id)).filter(Boolean);
  return events.length ? [heading("What it emitted"), ...events.map((event) => eventDetails(story.job, event, onReplay))] : [];
}

function timesOf(story, state) {
  return facts([
    ["Status", badge(state.status)],
    ["Type", state.type],
    ["Entered", since(state.entered)],
    [state.status === "RUNNING" ? "For" : "Took", milliseconds((state.ended ?? story.ended) - state.entered)],
    ["Items", state.length],
    ["Times out", untilText(state.deadline, story)],
    ["Or times out", heartbeatText(story, state)],
  ]);
}
