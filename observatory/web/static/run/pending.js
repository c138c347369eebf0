/** What a run waits for: which state, for what, since when, and how long until it gives up; its clocks run on. */

import { element, refill, setText } from "../common/dom.js";
import { seconds, since as sinceBegin } from "../common/format.js";
import { row } from "../common/paging.js";
import { heartbeatText, nextText, untilText } from "./tries.js";

const MOST_SHOWN = 10;
const COLUMNS = ["What", "Waits for", "Since", "Times out"];

export class Pending {
  /**
   * @param {HTMLElement} section Shown while there is anything; has a `div` for it.
   * @param {(key: string, opener: HTMLElement) => void} onSelect
   */
  constructor(section, onSelect) {
    this.section = section;
    this.onSelect = onSelect;
    this.clocks = [];
    this.body = element("tbody");
    this.more = element("p", { class: "note" });
    const heads = COLUMNS.map((title, number) => element("th", { scope: "col", class: number > 1 ? "number" : null }, title));
    const table = element("table", {}, element("caption", { class: "visually-hidden" }, "What the run waits for"), element("thead", {}, element("tr", {}, ...heads)), this.body);
    section.querySelector("div").replaceChildren(element("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "What the run waits for" }, table), this.more);
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.story = story;
    const { pending } = story.told;
    this.section.hidden = pending.length === 0;
    this.clocks = [];
    refill(this.body, pending.slice(0, MOST_SHOWN).map((one) => this.rowOf(one)));
    setText(this.more, pending.length > MOST_SHOWN ? `and ${pending.length - MOST_SHOWN} more` : "");
    this.tick();
  }

  tick() {
    for (const tick of this.clocks) tick();
  }

  rowOf({ stateId, why, eventId, nextTry }) {
    const state = this.story.stateById.get(stateId);
    const key = `state ${stateId}`;
    const name = [state.name, state.item].filter(Boolean).join(" for ");
    const open = element("button", { type: "button", class: "link", click: ({ currentTarget }) => this.onSelect(key, currentTarget) }, name);
    const since = element("td", { class: "number" });
    const [until, beat, next] = [element("span"), element("div", { class: "note" }), element("div", { class: "note" })];
    this.clocks.push(() => {
      const due = nextText(nextTry, this.story.now);
      setText(since, seconds(Math.max(this.story.ended - state.entered, 0) / 1000));
      setText(until, untilText(state.deadline, this.story) ?? "never");
      setText(beat, heartbeatText(this.story, state) ?? "");
      setText(next, due ? `next try ${due}` : "");
    });
    return row({ "data-key": key }, open, element("td", { class: "outcome" }, why, next, this.lastEvent(eventId)), since, element("td", { class: "number" }, until, beat));
  }

  /** How far its event has come. */
  lastEvent(id) {
    const event = this.story.eventById.get(id);
    if (!event) return null;
    const open = element("button", { type: "button", class: "link", click: ({ currentTarget }) => this.onSelect(`event ${id}`, currentTarget) }, event.type);
    return element("div", { class: "note" }, "last event ", open, ` at ${sinceBegin(event.at)}`);
  }
}
