/** The dialog that sends a recorded event again, edited or not. */

import { post } from "./api.js";
import { byId, element } from "./dom.js";
import { json, shortId } from "./format.js";

const START = "start";

export class Replay {
  /** @param {(news: Node) => void} onSent Called with what to say about it. */
  constructor(onSent) {
    this.onSent = onSent;
    this.dialog = byId("replay");
    byId("replay-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector("form").addEventListener("submit", (submission) => {
      submission.preventDefault();
      this.send();
    });
  }

  /** @param {import("./story.js").StoryEvent} event */
  open(event) {
    this.event = event;
    byId("replay-type").value = event.type;
    byId("replay-detail").value = json(event.record.detail);
    byId("replay-error").textContent = "";
    this.dialog.showModal();
  }

  async send() {
    try {
      const detailType = byId("replay-type").value;
      const detail = readDetail(byId("replay-detail").value);
      const { id } = await post("/api/events", { detailType, detail, replayOf: this.event.id });
      this.dialog.close();
      const run = detailType === START ? element("a", { href: `/runs/${encodeURIComponent(id)}` }, "open its run") : null;
      this.onSent(element("span", {}, `Sent ${detailType} again, as event ${shortId(id)}. `, run));
    } catch (error) {
      byId("replay-error").textContent = error.message;
    }
  }
}

function readDetail(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The detail is no JSON: ${error.message}`);
  }
}
