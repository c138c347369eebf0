/** The dialog that asks why a run is to be stopped. */

import { byId } from "./dom.js";

export class StopDialog {
  constructor() {
    this.dialog = byId("stop-dialog");
    byId("stop-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector("form").addEventListener("submit", (submission) => {
      submission.preventDefault();
      this.stop(byId("stop-send"), byId("stop-reason").value.trim());
    });
  }

  /**
   * Ask for the reason.
   * @param {string} job
   * @param {(button: HTMLButtonElement, reason: string) => Promise<void>} stop Called once it is given; the dialog stays until that is over.
   */
  open(job, stop) {
    this.stop = (button, reason) => stop(button, reason).finally(() => this.dialog.close());
    byId("stop-command").textContent = `python scripts/runs.py stop ${job} --reason …`;
    this.dialog.showModal();
  }
}
