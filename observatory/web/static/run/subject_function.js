/** A function in a run: how often it was invoked and how that went, and each of its tries. */

import { element } from "../common/dom.js";
import { milliseconds, since } from "../common/format.js";
import { tryOf } from "./bars.js";
import { Part, facts, heading, linkTo, links } from "./sections.js";

/** @returns {import("./subjects.js").Subject | null} */
export function functionSubject(story, name, { onSelect }) {
  const got = (now) => now.events.filter((event) => now.consumersOf(event.type).some((one) => one.name === name));
  const emitted = (now) => now.events.filter((event) => event.from === name);
  const list = new Part();
  const events = new Part();
  return {
    title: name,
    parts: [list.place, events.place],
    update(now) {
      const bars = now.bars.filter((bar) => bar.lane === name);
      events.show(`${now.events.length}`, () => [...eventsOf("Events it got", got(now), onSelect), ...eventsOf("Events it emitted", emitted(now), onSelect)]);
      const totals = now.told.totals.find((one) => one.function === name);
      list.show(bars.map(({ key, running }) => `${key} ${running}`).join(), () => [
        totals ? totalsOf(totals) : null,
        links([...bars].sort((one, other) => Boolean(other.error) - Boolean(one.error)), (bar) => tryItem(bar, onSelect)),
      ]);
    },
  };
}

function eventsOf(title, events, onSelect) {
  const item = (event) => [linkTo(`event ${event.id}`, [event.type, event.item].filter(Boolean).join(" for "), onSelect), element("span", { class: "note" }, ` ${since(event.at)}`)];
  return events.length ? [heading(`${title}: ${events.length}`), links(events, item)] : [];
}

function totalsOf({ invocations, failed, cold_starts: cold, p50, p95, longest, memory_used: memory }) {
  const figures = [["Invocations", invocations], ["Failed", failed], ["Cold starts", cold]];
  const times = [["p50", p50], ["p95", p95], ["Longest", longest]].map(([title, value]) => [title, milliseconds(value)]);
  return facts([...figures, ...times, ["Memory", memory && `${memory} MB`]]);
}

function tryItem(bar, onSelect) {
  const note = [since(bar.start), bar.running ? "running" : milliseconds(bar.end - bar.start), tryOf(bar)].filter(Boolean).join(", ");
  const name = bar.kind === "state" ? [bar.name, bar.item].filter(Boolean).join(" for ") : bar.item ?? bar.name;
  return [linkTo(bar.key, name, onSelect), element("span", { class: "note" }, ` ${note}`), bar.error ? element("span", { class: "error" }, ` ${bar.error}`) : null];
}
