/** What can be done with a run: stop it, redrive it, run it again; each once, however often it is clicked. */

import { post } from "../common/api.js";
import { whileBusy } from "../common/busy.js";
import { byId, element } from "../common/dom.js";
import { announce, clear, report } from "../common/messages.js";
import { StopDialog } from "../common/stopping.js";

/** What has failed, and so can go on from where it did. */
const REDRIVABLE = new Set(["FAILED", "TIMED_OUT", "ABORTED"]);

export class Actions {
  /** @param {string} path Of the run in the API. */
  constructor(path) {
    this.path = path;
    this.stopping = new StopDialog();
    byId("again").addEventListener("click", ({ currentTarget }) => this.act(currentTarget, "again", ({ job }) => location.assign(`/runs/${encodeURIComponent(job)}`)));
    byId("redrive").addEventListener("click", ({ currentTarget }) => this.act(currentTarget, "redrive", () => announce(element("span", {}, "Redriven: it goes on from where it failed."))));
    byId("stop").addEventListener("click", () => this.stopping.open(this.job, (button, reason) => this.act(button, "stop", () => {}, { reason })));
  }

  /** Offer what can be done with a run of a status. */
  offer({ status, job }) {
    this.job = job;
    byId("stop").hidden = status !== "RUNNING";
    byId("redrive").hidden = !REDRIVABLE.has(status);
    byId("redrive").title = `python scripts/runs.py redrive ${job}`;
  }

  async act(button, what, done, asked = {}) {
    await whileBusy(button, async () => {
      try {
        done(await post(`${this.path}/${what}`, asked));
        clear("acting");
      } catch (error) {
        report("acting", error);
      }
    });
  }
}
