/** The events of a run, searched by the server in all of their JSON, a page at a time. */

import { ApiError, get } from "../common/api.js";
import { afterTyping, byId, element, refill, setText } from "../common/dom.js";
import { since } from "../common/format.js";
import { clear, report } from "../common/messages.js";
import { eventDetails } from "./event_details.js";

export class EventList {
  /**
   * @param {HTMLElement} place
   * @param {{onReplay: (event: object) => void, onSearch: (wanted: {q: string, type: string}) => void}} listeners
   */
  constructor(place, { onReplay, onSearch }) {
    this.onReplay = onReplay;
    this.list = element("ol", { class: "events" });
    this.more = element("button", { type: "button", hidden: true, click: () => this.showMore() });
    this.empty = element("p", { class: "empty" }, "loading …");
    place.replaceChildren(this.list, this.empty, element("p", { class: "more" }, this.more));
    const search = () => {
      onSearch(this.wanted());
      this.read(0);
    };
    byId("search").addEventListener("input", afterTyping(search));
    byId("type").addEventListener("change", search);
    byId("search").form.addEventListener("submit", (event) => event.preventDefault());
  }

  wanted() {
    return { q: byId("search").value.trim(), type: byId("type").value };
  }

  /** Search for something, as the address has it. */
  show({ q = "", type = "" }) {
    if (q === byId("search").value.trim() && type === byId("type").value) return;
    byId("search").value = q;
    if (type) this.offer([type]);
    byId("type").value = type;
    if (this.story) this.read(0);
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.story = story;
    this.offer(story.events.map((event) => event.type));
    if (this.total !== story.events.length) this.read(0, this.list.childElementCount);
    this.total = story.events.length;
  }

  /** Show more of them, and go to the first of these, unless somebody went elsewhere meanwhile. */
  async showMore() {
    const first = this.list.childElementCount;
    await this.read(first);
    if ([this.more, document.body].includes(document.activeElement)) this.list.children[first]?.querySelector("summary").focus({ preventScroll: true });
  }

  /**
   * Show the events that are wanted from one on.
   * @param {number} first
   * @param {number} [atLeast] How many were shown before, and are to be shown again.
   */
  async read(first, atLeast = 0) {
    const { q, type } = this.wanted();
    this.asked = (this.asked ?? 0) + 1;
    const { asked } = this;
    try {
      const query = new URLSearchParams({ text: q, type, first });
      const answer = await get(`/api/runs/${encodeURIComponent(this.story.job)}/events?${query}`);
      if (asked !== this.asked) return;
      this.take(answer, first, atLeast);
      clear("events");
      const next = first + answer.events.length;
      if (next < Math.min(atLeast, answer.found)) await this.read(next, atLeast);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      report("events", error);
    }
  }

  take({ events, found, total }, first, atLeast) {
    const shown = [...this.list.children];
    const known = new Map(shown.map((item) => [item.dataset.key, item]));
    const items = events.map((event) => known.get(event.id) ?? this.itemOf(event));
    // Those that are read again next stay until then, and so what was opened of them stays open.
    const ahead = shown.slice(first + items.length, Math.min(atLeast, found));
    refill(this.list, [...new Set([...shown.slice(0, first), ...items, ...ahead])]);
    setText(byId("found"), `${found} of ${total} events`);
    const left = found - this.list.childElementCount;
    this.more.hidden = left <= 0;
    this.more.textContent = `Show more of ${left}`;
    this.empty.hidden = found > 0;
    this.empty.textContent = total ? "No event matches: search for less, or for all types." : "No event is recorded yet.";
  }

  offer(types) {
    const select = byId("type");
    const known = new Set([...select.options].map((option) => option.value));
    for (const type of new Set(types)) if (!known.has(type)) select.append(element("option", { value: type }, type));
  }

  itemOf(whole) {
    const event = { ...this.story.eventById.get(whole.id), ...whole };
    const consumers = this.story.consumersOf(event.type).map((one) => one.name);
    return element(
      "li",
      { "data-key": event.id },
      eventDetails(
        this.story.job,
        whole,
        this.onReplay,
        element("span", { class: "when" }, event.at === undefined ? "" : since(event.at)),
        element("span", { class: "item" }, event.item ?? ""),
        element("span", { class: "way" }, `${event.from ?? "?"} → ${consumers.join(", ") || "nobody"}`),
      ),
    );
  }
}
