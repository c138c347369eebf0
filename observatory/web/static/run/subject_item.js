/** An item of a Map: its states, what it was given and what came of it, and all that was logged about it. */

import { element } from "../common/dom.js";
import { badge, milliseconds, shown, since } from "../common/format.js";
import { Log } from "./log.js";
import { Part, facts, heading, linkTo, links } from "./sections.js";

/** @returns {import("./subjects.js").Subject | null} */
export function itemSubject(story, rest, { onSelect }) {
  const [map, index, attempt] = rest.split(" ").map(Number);
  const find = (now) => now.items.find((item) => item.mapId === map && item.index === index && item.attempt === attempt);
  let item = find(story);
  if (!item) return null;
  const [times, states] = [new Part(), new Part()];
  let known = story;
  const timeline = element("a", { href: `?view=timeline&item=${encodeURIComponent(item.name)}` }, "Show it on the timeline");
  const log = new Log(story.job, { map, item: index, attempt }, { names: true });
  return {
    title: [item.map, [item.within, item.name].filter(Boolean).join(" › ")].join(": "),
    parts: [times.place, element("p", {}, timeline), states.place, log.place],
    update(now) {
      known = now;
      item = find(now) ?? item;
      this.tick();
      const within = now.states.filter((state) => state.parent === map && state.iteration === index && state.attempt === attempt);
      states.show(within.map(({ id, status }) => `${id} ${status}`).join(), () => [heading("States"), links(within, (state) => stateOf(state, now, onSelect))]);
      log.read(item.status === "RUNNING");
    },
    tick() {
      const content = facts([
        ["Status", badge(item.status)],
        ["Began", since(item.started)],
        ["Took", milliseconds((item.ended ?? known.ended) - item.started)],
        [known.words.items[item.map]?.result_title ?? "Result", shown(item.result)],
      ]);
      times.show(content.textContent, () => [content]);
      if (item.status === "RUNNING") log.read(true);
    },
  };
}

function stateOf(state, story, onSelect) {
  const took = milliseconds((state.ended ?? story.ended) - state.entered);
  return [linkTo(`state ${state.id}`, state.name, onSelect), " ", badge(state.status), element("span", { class: "note" }, ` ${took}`)];
}
