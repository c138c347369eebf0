/** What was denied to a run, each with the statement that would allow it, ready to be pasted. */

import { element, refill } from "../common/dom.js";
import { json } from "../common/format.js";
import { copyButton } from "./copying.js";

const MANY = 10;

export class Denials {
  /** @param {HTMLElement} section Shown while there are any; has a list for them. */
  constructor(section) {
    this.section = section;
    this.shown = "";
  }

  /** @param {{sentence: string, policy: string, statement: object}[]} denied As the API has them. */
  show(denied) {
    // What somebody is about to copy stays where it is until there is something else.
    const known = JSON.stringify(denied);
    if (known === this.shown) return;
    this.shown = known;
    this.section.hidden = denied.length === 0;
    const items = denied.slice(0, MANY).map((one) => itemOf(one));
    if (denied.length > MANY) items.push(element("li", {}, `and ${denied.length - MANY} more`));
    refill(this.section.querySelector("ul"), items);
  }
}

function itemOf({ sentence, policy, statement }) {
  const text = json(statement);
  const where = element("p", { class: "hint" }, `In ${policy} this would allow it: `, copyButton(text));
  return element("li", { "data-key": text }, sentence, where, element("pre", { tabindex: "0", "aria-label": "The statement" }, text));
}
