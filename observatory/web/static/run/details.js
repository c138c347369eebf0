/** The panel beside the timeline: one bar's times, its causes and effects, the events it emitted, and its log. */

import { element } from "../common/dom.js";
import { milliseconds, since } from "../common/format.js";
import { backOff, coldStart, kindOf, outcome, queueWait, titleOf, tryOf } from "./bars.js";
import { eventDetails } from "./event_details.js";
import { Log } from "./log.js";

export class Details {
  /**
   * @param {HTMLElement} panel
   * @param {{onSelect: (bar: import("./story.js").Bar) => void, onClose: () => void, onReplay: (event: object) => void}} listeners
   */
  constructor(panel, listeners) {
    this.panel = panel;
    this.listeners = listeners;
    this.opener = null;
    this.key = null;
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /**
   * Open the panel for a bar.
   * @param {import("./story.js").Story} story
   * @param {import("./story.js").Bar} bar
   * @param {HTMLElement | null} opener Where the focus goes back to.
   */
  show(story, bar, opener) {
    this.opener = opener ?? this.opener;
    this.key = bar.key;
    const heading = element("h2", { id: "details-heading", tabindex: "-1" }, titleOf(bar));
    const close = element("button", { type: "button", class: "close", "aria-label": "Close the details", click: () => this.close() }, "×");
    this.parts = { times: element("div"), error: element("p", { class: "error" }), chain: element("div"), events: element("div") };
    this.log = bar.kind === "function" ? new Log(story.job, bar) : null;
    this.shownEvents = "";
    this.panel.replaceChildren(
      element("header", {}, heading, close),
      this.parts.times,
      this.parts.error,
      element("h3", {}, "Causes and effects"),
      this.parts.chain,
      this.parts.events,
      ...(this.log ? [element("h3", {}, "Log"), this.log.place] : []),
    );
    this.update(story);
    this.panel.hidden = false;
    heading.focus({ preventScroll: true });
  }

  /** Show what is known by now of the bar that is shown; what was opened stays open. */
  update(story) {
    const bar = story.barByKey.get(this.key);
    if (!bar) return;
    this.tick(bar);
    this.parts.error.textContent = bar.error ?? "";
    const chain = this.chain(story, bar);
    if (this.parts.chain.textContent !== chain.textContent) this.parts.chain.replaceChildren(chain);
    const events = bar.emitted.map((event) => event.id).join();
    if (events !== this.shownEvents) this.parts.events.replaceChildren(...this.emitted(story, bar));
    this.shownEvents = events;
    this.log?.read(bar);
  }

  /** Show its times as they are by now. */
  tick(bar) {
    this.parts.times.replaceChildren(times(bar));
  }

  close() {
    this.hide();
    this.listeners.onClose();
    presentButton(this.opener)?.focus();
    this.opener = null;
  }

  hide() {
    this.panel.hidden = true;
    this.key = null;
  }

  /** From the first cause down to the last effect. */
  chain(story, bar) {
    const seen = new Set();
    const item = (one) => {
      seen.add(one);
      const button = element("button", { type: "button", class: "link", "aria-current": one === bar ? "true" : null, click: () => this.listeners.onSelect(one) }, one.name);
      const note = [since(one.start), one.running ? "running" : milliseconds(one.end - one.start), tryOf(one), one.sideEffect && "side effect"];
      const failed = one.error ? element("span", { class: "error" }, " failed") : null;
      const events = one.emitted.map((event) => eventItem(story, event, (effect) => (seen.has(effect) ? null : item(effect))));
      const children = events.length ? element("ul", {}, ...events) : null;
      return element("li", { "data-kind": kindOf(one) }, button, element("span", { class: "note" }, ` ${note.filter(Boolean).join(", ")}`), failed, children);
    };
    return element("ul", { class: "chain" }, item(story.rootOf(bar)));
  }

  emitted(story, bar) {
    if (bar.emitted.length === 0) return [];
    return [element("h3", {}, "Emitted events"), ...bar.emitted.map((event) => eventDetails(story.job, event, this.listeners.onReplay))];
  }
}

/** Rows are made anew while a run goes on: the button of the row that took the place of the opener's. */
function presentButton(opener) {
  if (!opener || opener.isConnected) return opener;
  const { key } = opener.closest("[data-key]")?.dataset ?? {};
  return key ? document.querySelector(`[data-key="${CSS.escape(key)}"] button`) : null;
}

function eventItem(story, event, item) {
  const machines = story.consumersOf(event.type).filter((one) => one.kind === "machine");
  const to = machines.map((one) => ` → ${one.name}`).join("");
  const effects = event.effects.map(item).filter(Boolean);
  return element(
    "li",
    {},
    element("span", { class: "type" }, event.type),
    element("span", { class: "note" }, ` ${since(event.at)}${to}${event.replayOf ? ", sent again" : ""}`),
    effects.length ? element("ul", {}, ...effects) : null,
  );
}

function times(bar) {
  const { record } = bar;
  const facts = [
    ["Outcome", bar.error ? "failed" : bar.running ? "running" : "done"],
    ["Try", bar.tries > 1 ? `${bar.number} of ${bar.tries}` : null],
    ["Put on the bus", bar.cause ? since(bar.cause.at) : null],
    ["Queue wait", queueWait(bar)],
    ["Back-off", backOff(bar)],
    ["Cold start", bar.kind === "state" ? null : coldStart(bar) || "none"],
    ["Began", since(bar.start)],
    [bar.kind === "state" ? "Took" : "Work", milliseconds(bar.end - bar.start)],
    ["Memory", record.memoryUsed ? `${record.memoryUsed} of ${record.memorySize} MB` : null],
  ];
  return element("dl", { class: "facts small" }, ...facts.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}
