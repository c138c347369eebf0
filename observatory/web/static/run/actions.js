/** What can be done with a run: stop it, redrive it, run it again; each once, however often it is clicked. */

import { post } from "../common/api.js";
import { whileBusy } from "../common/busy.js";
import { byId, element } from "../common/dom.js";
import { announce, clear, report } from "../common/messages.js";

/** What has failed, and so can go on from where it did. */
const REDRIVABLE = new Set(["FAILED", "TIMED_OUT", "ABORTED"]);

export class Actions {
  /** @param {string} path Of the run in the API. */
  constructor(path) {
    this.path = path;
    this.dialog = byId("stop-dialog");
    byId("again").addEventListener("click", ({ currentTarget }) => this.act(currentTarget, "again", ({ job }) => location.assign(`/runs/${encodeURIComponent(job)}`)));
    byId("redrive").addEventListener("click", ({ currentTarget }) => this.act(currentTarget, "redrive", () => announce(element("span", {}, "Redriven: it goes on from where it failed."))));
    byId("stop").addEventListener("click", () => this.dialog.showModal());
    byId("stop-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector("form").addEventListener("submit", (submission) => {
      submission.preventDefault();
      this.act(byId("stop-send"), "stop", () => {}, { reason: byId("stop-reason").value.trim() });
    });
  }

  /** Offer what can be done with a run of a status. */
  offer({ status, execution }) {
    byId("stop").hidden = status !== "RUNNING";
    byId("redrive").hidden = !REDRIVABLE.has(status);
    byId("stop-command").textContent = `aws stepfunctions stop-execution --execution-arn ${execution}`;
    byId("redrive").title = `aws stepfunctions redrive-execution --execution-arn ${execution}`;
  }

  async act(button, what, done, asked = {}) {
    await whileBusy(button, async () => {
      try {
        done(await post(`${this.path}/${what}`, asked));
        clear("acting");
      } catch (error) {
        report("acting", error);
      } finally {
        this.dialog.close();
      }
    });
  }
}
