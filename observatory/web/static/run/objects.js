/** The report of a run, and every object that it left in the bucket. */

import { get } from "../common/api.js";
import { element } from "../common/dom.js";
import { bytes, json } from "../common/format.js";
import { parseJson } from "../common/json.js";
import { PagedList } from "../common/paging.js";
import { moment } from "../common/times.js";

export class Objects {
  /**
   * @param {HTMLElement} report
   * @param {HTMLElement} place
   */
  constructor(report, place) {
    this.report = report;
    const list = element("ul", { class: "events" });
    const foot = element("p", { class: "more" });
    place.replaceChildren(list, foot);
    this.list = new PagedList(list, foot, (found) => this.itemOf(found));
    this.made = new Map();
    this.known = "";
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.story = story;
    const { objects, running } = story;
    const known = JSON.stringify({ objects, running });
    if (known === this.known) return;
    this.known = known;
    this.list.refresh(objects);
    this.showReport(story, objects.map((found) => found.name));
  }

  /** The report, if the stack names one; else what the execution came to. */
  async showReport(story, names) {
    const name = story.words.report;
    if (name && names.includes(name)) this.report.replaceChildren(named(name), pre(await this.fetchText(name)));
    else if (story.execution.output) this.report.replaceChildren(named("output of the execution"), pre(readable(story.execution.output)));
    else this.report.replaceChildren(element("p", { class: "empty" }, story.running ? "There is none yet: the run goes on." : "This run came to nothing that could be shown."));
  }

  /** The item of an object, made anew only if the object is another; what was opened stays open. */
  itemOf(found) {
    const is = JSON.stringify(found);
    const before = this.made.get(found.name);
    if (before?.is === is) return before.item;
    const item = this.makeItem(found, Boolean(before?.item.firstChild.open));
    this.made.set(found.name, { is, item });
    return item;
  }

  makeItem(found, open) {
    const { name } = found;
    const summary = element(
      "summary",
      {},
      element("span", { class: "type" }, name),
      element("span", { class: "when" }, bytes(found.size)),
      element("span", { class: "way" }, moment(found.modified)),
    );
    const details = element("details", { class: "event", open }, summary);
    details.addEventListener("toggle", async () => {
      if (!details.open || details.querySelector("pre")) return;
      const text = element("pre", { tabindex: "0" }, "loading …");
      details.append(text);
      text.textContent = await this.fetchText(name);
    });
    return element("li", { "data-key": name }, details);
  }

  fetchText(name) {
    const path = `/api/runs/${encodeURIComponent(this.story.job)}/objects/${encodeURIComponent(name)}`;
    return get(path).then(json, (error) => error.message);
  }
}

function named(name) {
  return element("p", {}, element("code", {}, name));
}

function pre(text) {
  return element("pre", { tabindex: "0" }, text);
}

function readable(text) {
  try {
    return json(parseJson(text));
  } catch {
    return text;
  }
}
