/** The panel beside the timeline: one bar's times, its causes and effects, the events it emitted, and its log. */

import { get } from "./api.js";
import { element } from "./dom.js";
import { json, milliseconds, since } from "./format.js";
import { kindOf, outcome, queueWait } from "./timeline.js";

export class Details {
  /**
   * @param {HTMLElement} panel
   * @param {{onSelect: (bar: import("./story.js").Bar) => void, onClose: () => void, onReplay: (event: import("./story.js").StoryEvent) => void}} listeners
   */
  constructor(panel, listeners) {
    this.panel = panel;
    this.listeners = listeners;
    this.opener = null;
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /**
   * @param {import("./story.js").Story} story
   * @param {import("./story.js").Bar} bar
   * @param {HTMLElement | null} opener Where the focus goes back to.
   */
  show(story, bar, opener) {
    this.opener = opener ?? this.opener;
    const heading = element("h2", { id: "details-heading", tabindex: "-1" }, [bar.name, bar.person].filter(Boolean).join(" for "));
    const close = element("button", { type: "button", class: "close", "aria-label": "Close the details", click: () => this.close() }, "×");
    this.panel.replaceChildren(
      element("header", {}, heading, close),
      times(bar),
      ...(bar.error ? [element("p", { class: "error" }, bar.error)] : []),
      element("h3", {}, "Causes and effects"),
      this.chain(story, bar),
      ...this.emitted(bar),
      ...log(story, bar),
    );
    this.panel.hidden = false;
    heading.focus({ preventScroll: false });
  }

  close() {
    this.panel.hidden = true;
    this.listeners.onClose();
    presentButton(this.opener)?.focus();
    this.opener = null;
  }

  /** From the first cause down to the last effect. */
  chain(story, bar) {
    const seen = new Set();
    const item = (one) => {
      seen.add(one);
      const button = element("button", { type: "button", class: "link", "aria-current": one === bar ? "true" : null, click: () => this.listeners.onSelect(one) }, one.name);
      const note = ` ${since(one.start)}, ${milliseconds(one.end - one.start)}${one.sideEffect ? ", side effect" : ""}`;
      const failed = one.error ? element("span", { class: "error" }, " failed") : null;
      const events = one.emitted.map((event) => eventItem(story, event, (effect) => (seen.has(effect) ? null : item(effect))));
      const children = events.length ? element("ul", {}, ...events) : null;
      return element("li", { "data-kind": kindOf(one) }, button, element("span", { class: "note" }, note), failed, children);
    };
    return element("ul", { class: "chain" }, item(story.rootOf(bar)));
  }

  emitted(bar) {
    if (bar.emitted.length === 0) return [];
    return [element("h3", {}, "Emitted events"), ...bar.emitted.map((event) => eventDetails(event, this.listeners.onReplay))];
  }
}

/** Rows are made anew while a run goes on: the button of the row that took the place of the opener's. */
function presentButton(opener) {
  if (!opener || opener.isConnected) return opener;
  const { key } = opener.closest("[data-key]").dataset;
  return document.querySelector(`[data-key="${CSS.escape(key)}"] button`);
}

/** An event that opens to its JSON, which is made only then. */
export function eventDetails(event, onReplay, ...notes) {
  const summary = element("summary", {}, element("span", { class: "type" }, event.type), ...notes);
  const details = element("details", { class: "event" }, summary);
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("pre")) return;
    details.append(
      element("p", { class: "buttons" }, element("button", { type: "button", click: () => onReplay(event) }, "Send again …")),
      element("pre", { tabindex: "0" }, json(event.record)),
    );
  });
  return details;
}

function eventItem(story, event, item) {
  const machines = story.consumersOf(event.type).filter((one) => one.kind === "machine");
  const to = machines.map((one) => ` → ${one.name}`).join("");
  const effects = event.effects.map(item).filter(Boolean);
  return element(
    "li",
    {},
    element("span", { class: "type" }, event.type),
    element("span", { class: "note" }, ` ${since(event.at)}${to}`),
    effects.length ? element("ul", {}, ...effects) : null,
  );
}

function times(bar) {
  const { record } = bar;
  const facts = [
    ["Outcome", bar.error ? "failed" : outcome(bar)],
    ["Put on the bus", bar.cause ? since(bar.put) : null],
    ["Queue wait", queueWait(bar)],
    ["Cold start", bar.kind === "state" ? null : bar.cold < bar.start ? milliseconds(bar.start - bar.cold) : "none"],
    ["Began", since(bar.start)],
    [bar.kind === "state" ? "Took" : "Work", milliseconds(bar.end - bar.start)],
    ["Memory", record.memoryUsed ? `${record.memoryUsed} of ${record.memorySize} MB` : null],
  ];
  return element("dl", { class: "facts small" }, ...facts.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function log(story, bar) {
  if (bar.kind !== "function") return [];
  const lines = element("div", { class: "log", tabindex: "0", role: "region", "aria-label": "Log" }, "…");
  const { requestId } = bar.record;
  get(`/api/runs/${encodeURIComponent(story.job)}/logs/${encodeURIComponent(requestId)}`).then(
    (answer) => lines.replaceChildren(...(answer.lines.length ? answer.lines.map(logLine) : ["it wrote nothing"])),
    (error) => lines.replaceChildren(error.message),
  );
  return [element("h3", {}, "Log"), lines];
}

/** A line of a log; of one in JSON the message first, for it says the most. */
function logLine(line) {
  let said;
  try {
    said = JSON.parse(line);
  } catch {
    return element("p", {}, line);
  }
  if (typeof said?.message !== "string") return element("p", {}, line);
  const { level, message, ...others } = said;
  return element("p", {}, element("strong", {}, `${level ?? ""} ${message}`), " ", element("span", { class: "note" }, JSON.stringify(others)));
}
