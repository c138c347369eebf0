/** Why a run failed, at a glance: what came first, for whom, which try, where in the code, and what to do next. */

import { get } from "../common/api.js";
import { element, refill } from "../common/dom.js";
import { report } from "../common/messages.js";
import { copyButton } from "./copying.js";

export class FailureCard {
  /**
   * @param {HTMLElement} place
   * @param {(event: object) => void} onReplay Called with the whole event that is to be sent again.
   */
  constructor(place, onReplay) {
    this.place = place;
    this.onReplay = onReplay;
    this.shown = "";
  }

  /**
   * @param {string} job
   * @param {object | null} card As the API has it.
   */
  show(job, card) {
    const shown = JSON.stringify(card);
    // What was copied says so until there is something else.
    if (shown === this.shown) return;
    this.shown = shown;
    const open = Boolean(this.place.querySelector(":scope > details")?.open);
    refill(this.place, card ? this.partsOf(job, card, open) : []);
  }

  partsOf(job, card, open) {
    const { headline, then, commands, eventId } = card;
    const again = eventId && element("button", { type: "button", click: () => this.sendAgain(job, eventId) }, "Send its event again …");
    return [
      element("p", { class: "headline" }, headline),
      element("dl", { class: "facts small" }, ...factsOf(card)),
      ...then.map((one) => element("p", { class: "then" }, `Then: ${one}`)),
      ...(again ? [element("p", { class: "buttons", "data-key": eventId }, again)] : []),
      element("details", { class: "commands", "data-key": "commands", open }, element("summary", {}, "What to type next"), element("ul", {}, ...commands.map(commandItem))),
    ];
  }

  async sendAgain(job, eventId) {
    try {
      this.onReplay(await get(`/api/runs/${encodeURIComponent(job)}/events/${encodeURIComponent(eventId)}`));
    } catch (error) {
      report("acting", error);
    }
  }
}

function factsOf({ state, item, others, function: name, tries, place, logLine, stored }) {
  const whom = item && (others ? `${item} and ${others} more` : item);
  const facts = [["State", state], ["For", whom], ["Function", name], ["Try", tries?.replace("try ", "")], ["Where", place && placeLink(place)], ["Log", logLine && element("code", {}, logLine)], ["Written down in", stored && element("code", {}, stored)]];
  return facts.filter(([, value]) => value).map(([title, value]) => element("div", {}, element("dt", {}, title), element("dd", {}, value)));
}

/** A link that an editor opens, where the file is on the machine that the pages come from. */
function placeLink({ file, line, within, link }) {
  const name = `${file}:${line}`;
  const where = link ? element("a", { href: link, title: "Opens in the editor" }, element("code", {}, name)) : element("code", {}, name);
  return element("span", {}, where, ` in ${within}`);
}

function commandItem({ line, what }) {
  return element("li", {}, element("span", { class: "what" }, what), element("code", {}, line), copyButton(line));
}
