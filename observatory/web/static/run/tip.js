/** What is said of a bar that is pointed at: an element, not HTML, for names in events stay text. */

import { element } from "../common/dom.js";
import { milliseconds, since } from "../common/format.js";
import { backOff, coldStart, outcome, queueWait, titleOf } from "./bars.js";

/** @param {import("./story.js").Bar} bar */
export function tipOf(bar) {
  const lines = [
    element("strong", {}, titleOf(bar)),
    `put ${since(bar.put)}`,
    queueWait(bar) && `queue wait ${queueWait(bar)}`,
    backOff(bar) && `back-off ${backOff(bar)}`,
    coldStart(bar) && `cold start ${coldStart(bar)}`,
    `${bar.kind === "state" ? "took" : "work"} ${milliseconds(bar.end - bar.start)}`,
    outcome(bar),
  ];
  return element("div", { class: "tip" }, ...lines.filter(Boolean).map((line) => element("div", {}, line)));
}

/** @param {{state: string, what: string, item: string | null, began: number, ended: number}} segment Of the critical path. */
export function tipOfPath({ state, what, item, began, ended }) {
  const lines = [element("strong", {}, [state, item].filter(Boolean).join(" for ")), what, `${since(began)}, ${milliseconds(ended - began)}`];
  return element("div", { class: "tip" }, ...lines.map((line) => element("div", {}, line)));
}
