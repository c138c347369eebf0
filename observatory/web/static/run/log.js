/** What functions have logged, each line with its time; it grows while they work. */

import { get } from "../common/api.js";
import { element } from "../common/dom.js";
import { since } from "../common/format.js";
import { refresher } from "../common/refreshing.js";
import { copyButton } from "./copying.js";

export class Log {
  /**
   * @param {string} job
   * @param {Object<string, string | number>} asked Whose log: a `request` and when it `began`, a `state`, or a `map`, an `item` and an `attempt`.
   * @param {{names?: boolean}} [options] Whether each line says which function wrote it.
   */
  constructor(job, asked, { names = false } = {}) {
    this.path = `/api/runs/${encodeURIComponent(job)}/log?${new URLSearchParams(asked)}`;
    this.names = names;
    this.lines = element("div", { class: "log", tabindex: "0", role: "region", "aria-label": "Log" }, "loading …");
    this.place = element("section", {}, element("header", {}, element("h3", {}, "Log"), copyButton(() => this.text())), this.lines);
    this.shown = [];
    this.refresh = refresher(() => this.readOn());
  }

  /** Read on, also what ended without it: a side effect may go on, and a log may come later. @param {boolean} running */
  read(running) {
    this.running = running;
    this.refresh();
  }

  async readOn() {
    try {
      this.show((await get(this.path)).lines);
    } catch (error) {
      this.shown = [];
      this.lines.replaceChildren(error.message);
    }
  }

  /** Add what is new: lines come in the order of their times, but for those of functions that work at once. */
  show(lines) {
    const known = this.shown.length;
    const isMore = known > 0 && lines.length >= known && lines[known - 1].message === this.shown[known - 1].message;
    const wasAtEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 8;
    if (isMore) this.lines.append(...lines.slice(known).map((line) => this.lineOf(line)));
    else this.lines.replaceChildren(...(lines.length ? lines.map((line) => this.lineOf(line)) : [this.running ? "nothing yet" : "nothing was written"]));
    this.shown = lines;
    if (wasAtEnd && isMore) this.lines.scrollTop = this.lines.scrollHeight;
  }

  lineOf({ at, function: name, level, message, fields, ofLambda }) {
    const others = Object.keys(fields).length ? JSON.stringify(fields) : "";
    const kind = ofLambda ? "lambda" : level.toLowerCase();
    return element(
      "p",
      { "data-level": kind },
      element("span", { class: "when" }, since(at)),
      this.names ? element("span", { class: "who" }, ` ${name}`) : null,
      ofLambda || level === "INFO" ? " " : element("strong", {}, ` ${level} `),
      element("span", {}, message),
      " ",
      element("span", { class: "note" }, others),
    );
  }

  text() {
    return this.shown.map(({ at, function: name, level, message, fields }) => `${since(at)} ${name} ${level} ${message} ${JSON.stringify(fields)}`).join("\n");
  }
}
