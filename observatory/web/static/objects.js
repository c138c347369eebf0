/** The report of a run, and every object that it left in the bucket. */

import { get } from "./api.js";
import { element } from "./dom.js";
import { bytes, json, moment } from "./format.js";
import { PagedList } from "./paging.js";

const REPORTS = ["0-cookies.json", "0-failed.json"];

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
    this.list = new PagedList(list, foot, (found) => this.makeItem(found));
    this.known = "";
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.story = story;
    const { objects } = story.told;
    const known = JSON.stringify(objects);
    if (known === this.known) return;
    this.known = known;
    this.list.refresh(objects);
    this.showReport(objects.map((found) => found.name));
  }

  async showReport(names) {
    const name = REPORTS.find((one) => names.includes(one));
    const shown = name
      ? [element("p", {}, element("code", {}, name)), element("pre", { tabindex: "0" }, await this.fetchText(name))]
      : [element("p", { class: "empty" }, "There is no report yet.")];
    this.report.replaceChildren(...shown);
  }

  makeItem(found) {
    const { name } = found;
    const summary = element(
      "summary",
      {},
      element("span", { class: "type" }, name),
      element("span", { class: "when" }, bytes(found.size)),
      element("span", { class: "way" }, moment(found.modified)),
    );
    const details = element("details", { class: "event" }, summary);
    details.addEventListener("toggle", async () => {
      if (!details.open || details.querySelector("pre")) return;
      const text = element("pre", { tabindex: "0" }, "…");
      details.append(text);
      text.textContent = await this.fetchText(name);
    });
    return element("li", {}, details);
  }

  fetchText(name) {
    const path = `/api/runs/${encodeURIComponent(this.story.job)}/objects/${encodeURIComponent(name)}`;
    return get(path).then(json, (error) => error.message);
  }
}
