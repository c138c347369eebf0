/** A try of a function: its times, the event it got, what came of that, and its log. */

import { element } from "../common/dom.js";
import { milliseconds, since } from "../common/format.js";
import { backOff, coldStart, queueWait, titleOf, tryOf } from "./bars.js";
import { chainOf } from "./chain.js";
import { eventDetails } from "./event_details.js";
import { Log } from "./log.js";
import { Part, facts, heading, linkTo } from "./sections.js";
import { nextText } from "./tries.js";

/** @returns {import("./subjects.js").Subject | null} */
export function barSubject(story, key, { onSelect, onReplay }) {
  let bar = story.barByKey.get(key);
  if (!bar) return null;
  const [times, tries, error, cause, chain, events] = Array.from({ length: 6 }, () => new Part());
  let known = story;
  const log = new Log(story.job, { request: bar.record.requestId, began: bar.record.started });
  return {
    title: titleOf(bar),
    parts: [times, tries, error, cause].map(({ place }) => place).concat(heading("Causes and effects"), chain.place, events.place, log.place),
    update(now) {
      bar = now.barByKey.get(key) ?? bar;
      known = now;
      this.tick();
      const others = now.bars.filter((one) => one.record.requestId === bar.record.requestId && one.kind === "function");
      tries.show(others.map((one) => `${one.key} ${one.running} ${one.error}`).join(), () => (others.length > 1 ? [heading("Tries"), triesOf(others, bar, onSelect)] : []));
      error.show(bar.error ?? "", () => (bar.error ? [element("p", { class: "error" }, bar.error)] : []));
      cause.show(bar.cause?.id ?? "", () => (bar.cause ? [heading("The event it got"), eventDetails(now.job, bar.cause, onReplay)] : []));
      const made = chainOf(now, bar, onSelect);
      chain.show(made.textContent, () => [made]);
      events.show(bar.emitted.map((event) => event.id).join(), () => emitted(now, bar, onReplay));
      log.read(bar.running);
    },
    tick() {
      const content = timesOf(bar, known.now);
      times.show(content.textContent, () => [content]);
      if (bar.running) log.read(true);
    },
  };
}

function emitted(story, bar, onReplay) {
  if (bar.emitted.length === 0) return [];
  return [heading("What it emitted"), ...bar.emitted.map((event) => eventDetails(story.job, event, onReplay))];
}

function triesOf(bars, bar, onSelect) {
  const item = (one) => {
    const button = linkTo(one.key, `try ${one.number}`, onSelect);
    if (one === bar) button.setAttribute("aria-current", "true");
    const note = [backOff(one) && `after a back-off of ${backOff(one)}`, one.running ? "running" : `took ${milliseconds(one.end - one.start)}`].filter(Boolean).join(", ");
    return element("li", {}, button, element("span", { class: "note" }, ` ${note} `), one.error ? element("span", { class: "error" }, one.error) : null);
  };
  return element("ol", { class: "links" }, ...bars.map(item));
}

function timesOf(bar, now) {
  const { record } = bar;
  return facts([
    ["Outcome", bar.error ? "failed" : bar.running ? "running" : "done"],
    ["Try", tryOf(bar).replace("try ", "")],
    ["Next try", nextText(bar.nextTry, now)],
    ["Put on the bus", bar.cause ? since(bar.cause.at) : null],
    ["Queue wait", queueWait(bar)],
    ["Back-off", backOff(bar)],
    ["Cold start", coldStart(bar) || "none"],
    ["Began", since(bar.start)],
    ["Work", milliseconds(bar.end - bar.start)],
    ["Memory", record.memoryUsed ? `${record.memoryUsed} of ${record.memorySize} MB` : null],
    ["Request", element("code", {}, record.requestId)],
  ]);
}
