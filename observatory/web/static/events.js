/** The events of a run, searchable in all of their JSON. */

import { afterTyping, byId, element, setText } from "./dom.js";
import { eventDetails } from "./details.js";
import { since } from "./format.js";
import { PagedList } from "./paging.js";

export class EventList {
  /**
   * @param {HTMLElement} place
   * @param {(event: import("./story.js").StoryEvent) => void} onReplay
   */
  constructor(place, onReplay) {
    const list = element("ol", { class: "events" });
    const foot = element("p", { class: "more" });
    place.replaceChildren(list, foot);
    this.list = new PagedList(list, foot, (event) => this.itemOf(event, onReplay));
    this.items = new Map();
    this.texts = new Map();
    byId("search").addEventListener("input", afterTyping(() => this.search()));
    byId("type").addEventListener("change", () => this.search());
    byId("search").form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.story = story;
    this.offerTypes();
    this.list.refresh(this.found());
  }

  search() {
    if (this.story) this.list.replace(this.found());
  }

  found() {
    const wanted = byId("search").value.trim().toLowerCase();
    const type = byId("type").value;
    const found = this.story.events.filter((event) => (!type || event.type === type) && this.textOf(event).includes(wanted));
    setText(byId("found"), `${found.length} of ${this.story.events.length} events`);
    return found;
  }

  textOf(event) {
    if (!this.texts.has(event.id)) this.texts.set(event.id, JSON.stringify(event.record).toLowerCase());
    return this.texts.get(event.id);
  }

  offerTypes() {
    const select = byId("type");
    const known = new Set([...select.options].map((option) => option.value));
    for (const event of this.story.events) {
      if (known.has(event.type)) continue;
      known.add(event.type);
      select.append(element("option", { value: event.type }, event.type));
    }
  }

  /** What is recorded never changes, so an item that was opened stays as it is. */
  itemOf(event, onReplay) {
    if (!this.items.has(event.id)) this.items.set(event.id, this.makeItem(event, onReplay));
    return this.items.get(event.id);
  }

  makeItem(event, onReplay) {
    const consumers = this.story.consumersOf(event.type).map((one) => one.name);
    const from = event.record.emitter.name;
    return element(
      "li",
      { "data-key": event.id },
      eventDetails(
        event,
        onReplay,
        element("span", { class: "when" }, since(event.at)),
        element("span", { class: "person" }, event.person ?? ""),
        element("span", { class: "way" }, `${from} → ${consumers.join(", ") || "nobody"}`),
      ),
    );
  }
}
