/** An event that opens to its JSON, which is asked for only then. */

import { get } from "../common/api.js";
import { element } from "../common/dom.js";
import { json } from "../common/format.js";
import { copyButton } from "./copying.js";

/**
 * @param {string} job
 * @param {import("./story.js").StoryEvent} event As the story or the list of events has it.
 * @param {(whole: object) => void} onReplay Called with the whole event that is to be sent again.
 * @param {...HTMLElement} notes
 */
export function eventDetails(job, event, onReplay, ...notes) {
  const again = event.replayOf ? element("span", { class: "mark" }, "sent again") : null;
  const summary = element("summary", {}, element("span", { class: "type" }, event.type), again, ...notes);
  const details = element("details", { class: "event", "data-key": `event ${event.id}` }, summary);
  details.addEventListener("toggle", async () => {
    if (!details.open || details.querySelector("pre")) return;
    const text = element("pre", { tabindex: "0" }, "loading …");
    details.append(text);
    try {
      const whole = event.detail === undefined ? await get(`/api/runs/${encodeURIComponent(job)}/events/${encodeURIComponent(event.id)}`) : event;
      const send = element("button", { type: "button", click: () => onReplay(whole) }, "Send again …");
      text.before(element("p", { class: "buttons" }, send, copyButton(json(whole))));
      text.textContent = json(whole);
    } catch (error) {
      text.textContent = error.message;
    }
  });
  return details;
}
