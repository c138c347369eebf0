/** What a try of a function has logged; it grows while the function works. */

import { get } from "../common/api.js";
import { element } from "../common/dom.js";

export class Log {
  /**
   * @param {string} job
   * @param {import("./story.js").Bar} bar
   */
  constructor(job, bar) {
    this.path = `/api/runs/${encodeURIComponent(job)}/logs/${encodeURIComponent(bar.record.requestId)}?started=${bar.record.started}`;
    this.place = element("div", { class: "log", tabindex: "0", role: "region", "aria-label": "Log" }, "loading …");
    this.isComplete = false;
    this.shown = null;
  }

  /** Read it, unless all of it has been read. */
  async read(bar) {
    if (this.isComplete) return;
    this.isComplete = !bar.running;
    try {
      this.show((await get(this.path)).lines, bar);
    } catch (error) {
      this.isComplete = false;
      this.place.replaceChildren(error.message);
    }
  }

  show(lines, bar) {
    if (lines.length === this.shown) return;
    this.shown = lines.length;
    const nothing = bar.running ? "nothing yet" : "it wrote nothing";
    this.place.replaceChildren(...(lines.length ? lines.map(logLine) : [nothing]));
  }
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
