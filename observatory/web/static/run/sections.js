/** The parts that the panel is made of: facts, values as JSON, lists of links. */

import { element, refill } from "../common/dom.js";
import { json } from "../common/format.js";
import { copyButton } from "./copying.js";

/** A place whose content is made anew only if it says something else; of that, what has the same key stays as it was opened. */
export class Part {
  constructor() {
    this.place = element("div");
    this.known = null;
  }

  /**
   * @param {string} known What the content depends on.
   * @param {() => (HTMLElement | null)[]} make
   */
  show(known, make) {
    if (known === this.known) return;
    this.known = known;
    const before = new Map([...this.place.children].map((one) => [one.dataset.key, one]));
    const made = make().filter(Boolean);
    refill(this.place, made.map((one) => (one.dataset.key && before.get(one.dataset.key)) ?? one));
  }
}

/** Names and values; those without a value are left out. @param {[string, Node | string | number | null][]} pairs */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return element("dl", { class: "facts small" }, ...known.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

/** A value as JSON, which can be folded and copied; nothing if there is none. */
export function valueSection(title, value, { open = false } = {}) {
  if (value === null || value === undefined) return null;
  const text = typeof value === "string" ? value : json(value);
  const summary = element("summary", {}, element("span", { class: "type" }, title));
  return element("details", { class: "event", open }, summary, element("p", { class: "buttons" }, copyButton(text)), element("pre", { tabindex: "0" }, text));
}

/** What leads to something else. */
export function linkTo(key, text, onSelect) {
  return element("button", { type: "button", class: "link", "data-key": key, click: () => onSelect(key) }, text);
}

/** A list of links, the first of them, and how many more there are. */
export function links(items, make, most = 50) {
  const more = items.length - most;
  return element("ul", { class: "links" }, ...items.slice(0, most).map((item) => element("li", {}, ...make(item))), more > 0 ? element("li", { class: "note" }, `and ${more} more`) : null);
}

export function heading(text) {
  return element("h3", {}, text);
}
