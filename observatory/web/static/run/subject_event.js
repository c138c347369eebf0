/** An event: who put it on the bus, who got it, all that it says; and those of a type between two parts. */

import { element } from "../common/dom.js";
import { since } from "../common/format.js";
import { tryOf } from "./bars.js";
import { eventDetails } from "./event_details.js";
import { Part, facts, heading, linkTo, links } from "./sections.js";

/** What the picture calls who has put an event on the bus that no handler and no machine has. */
const START = "start event";

/** @returns {import("./subjects.js").Subject | null} */
export function eventSubject(story, id, { onSelect, onReplay }) {
  const found = story.eventById.get(id);
  if (!found) return null;
  const [about, effects] = [new Part(), new Part()];
  const whole = eventDetails(story.job, found, onReplay);
  whole.open = true;
  return {
    title: [found.type, found.item].filter(Boolean).join(" for "),
    parts: [about.place, whole, effects.place],
    update(now) {
      const event = now.eventById.get(id) ?? found;
      const { emitter } = event;
      about.show(emitter?.key ?? "", () => [
        facts([
          ["Put on the bus", since(event.at)],
          ["By", emitter ? linkTo(emitter.key, emitter.name, onSelect) : event.from],
          ["To", now.consumersOf(event.type).map(({ name }) => name).join(", ") || "nobody"],
          ["Because of", event.causationId && now.eventById.has(event.causationId) ? linkTo(`event ${event.causationId}`, now.eventById.get(event.causationId).type, onSelect) : null],
          ["Sent again", event.replayOf && now.eventById.has(event.replayOf) ? linkTo(`event ${event.replayOf}`, "the first one", onSelect) : null],
        ]),
      ]);
      effects.show(event.effects.map(({ key }) => key).join(), () => (event.effects.length ? [heading("What came of it"), links(event.effects, (bar) => effectOf(bar, onSelect))] : []));
    },
  };
}

/** The events of a type from one to another, as the picture of who sent what to whom has them. */
export function edgeSubject(story, rest, { onSelect }) {
  const [from, type, to] = JSON.parse(rest);
  const all = (now) => now.events.filter((event) => event.type === type && (event.from === from || (!event.emitter && from === START)));
  if (all(story).length === 0) return null;
  const list = new Part();
  return {
    title: `${type} from ${from} to ${to}`,
    parts: [list.place],
    update(now) {
      const events = all(now);
      list.show(`${events.length}`, () => [
        facts([["Events", events.length]]),
        links(events, (event) => [linkTo(`event ${event.id}`, event.item ?? event.type, onSelect), element("span", { class: "note" }, ` ${since(event.at)}`)]),
      ]);
    },
  };
}

function effectOf(bar, onSelect) {
  const note = [since(bar.start), tryOf(bar), bar.sideEffect && "side effect"].filter(Boolean).join(", ");
  return [linkTo(bar.key, bar.name, onSelect), element("span", { class: "note" }, ` ${note}`), bar.error ? element("span", { class: "error" }, " failed") : null];
}
