/** Causes and effects, from the first cause down to the last effect, as a list in lists. */

import { element } from "../common/dom.js";
import { milliseconds, since } from "../common/format.js";
import { kindOf, tryOf } from "./bars.js";
import { linkTo } from "./sections.js";

/**
 * @param {import("./story.js").Story} story
 * @param {import("./story.js").Bar} bar Which of them is meant.
 * @param {(key: string) => void} onSelect
 */
export function chainOf(story, bar, onSelect) {
  const seen = new Set();
  const item = (one) => {
    seen.add(one);
    const button = linkTo(one.key, one.name, onSelect);
    if (one === bar) button.setAttribute("aria-current", "true");
    const note = [since(one.start), one.running ? "running" : milliseconds(one.end - one.start), tryOf(one), one.sideEffect && "side effect"];
    const failed = one.error ? element("span", { class: "error" }, " failed") : null;
    const events = one.emitted.map((event) => eventItem(story, event, onSelect, (effect) => (seen.has(effect) ? null : item(effect))));
    const children = events.length ? element("ul", {}, ...events) : null;
    return element("li", { "data-kind": kindOf(one) }, button, element("span", { class: "note" }, ` ${note.filter(Boolean).join(", ")}`), failed, children);
  };
  return element("ul", { class: "chain" }, item(story.rootOf(bar)));
}

function eventItem(story, event, onSelect, item) {
  const machines = story.consumersOf(event.type).filter((one) => one.kind === "machine");
  const to = machines.map((one) => ` → ${one.name}`).join("");
  const effects = event.effects.map(item).filter(Boolean);
  const type = linkTo(`event ${event.id}`, event.type, onSelect);
  type.classList.add("type");
  return element("li", {}, type, element("span", { class: "note" }, ` ${since(event.at)}${to}${event.replayOf ? ", sent again" : ""}`), effects.length ? element("ul", {}, ...effects) : null);
}
