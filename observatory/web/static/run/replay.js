/** The dialog that sends a recorded event again, edited or not. */

import { post } from "../common/api.js";
import { whileBusy } from "../common/busy.js";
import { byId, element } from "../common/dom.js";
import { json, shortId } from "../common/format.js";
import { parseJson } from "../common/json.js";

export class Replay {
  /** @param {(news: Node) => void} onSent Called with what to say about it. */
  constructor(onSent) {
    this.onSent = onSent;
    this.dialog = byId("replay");
    byId("replay-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector("form").addEventListener("submit", (submission) => {
      submission.preventDefault();
      whileBusy(byId("replay-send"), () => this.send());
    });
  }

  /** @param {{id: string, type: string, detail: object}} event */
  open(event) {
    this.event = event;
    byId("replay-type").value = event.type;
    byId("replay-detail").value = json(event.detail);
    byId("replay-error").textContent = "";
    this.dialog.showModal();
  }

  async send() {
    try {
      const detailType = byId("replay-type").value;
      const detail = readDetail(byId("replay-detail").value);
      const { id, starts } = await post("/api/events", { detailType, detail, replayOf: this.event.id });
      this.dialog.close();
      const run = starts ? element("a", { href: `/runs/${encodeURIComponent(id)}` }, "open its run") : null;
      this.onSent(element("span", {}, `Sent ${detailType} again, as event ${shortId(id)}. `, run));
    } catch (error) {
      byId("replay-error").textContent = error.message;
    }
  }
}

function readDetail(text) {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`The detail is no JSON: ${error.message}`);
  }
}
