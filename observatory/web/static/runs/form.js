/** The form that starts a run: of which machine, by which event, with its options or with any detail. */

import { post } from "../common/api.js";
import { whileBusy } from "../common/busy.js";
import { byId, element } from "../common/dom.js";
import { capital } from "../common/format.js";
import { parseJson } from "../common/json.js";

export class StartForm {
  /** @param {object[]} machines What can be started, as the API has it. */
  constructor(machines) {
    this.machines = machines.filter((machine) => machine.starts.length > 0);
    byId("machine").replaceChildren(...this.machines.map((one) => element("option", { value: one.machine }, one.machine)));
    byId("machine-field").hidden = this.machines.length < 2;
    byId("machine").addEventListener("change", () => this.offer());
    byId("start").addEventListener("submit", (submission) => {
      submission.preventDefault();
      whileBusy(byId("fire"), () => this.fire());
    });
    this.offer();
    byId("fire").disabled = this.machines.length === 0;
  }

  get machine() {
    return this.machines.find((one) => one.machine === byId("machine").value);
  }

  /** Offer what the chosen machine takes. */
  offer() {
    const { starts = [], options = [] } = this.machine ?? {};
    byId("event").replaceChildren(...starts.map(({ event }) => element("option", { value: event }, event)));
    byId("event-field").hidden = starts.length < 2;
    byId("options").replaceChildren(...options.map(optionField));
  }

  /** Start with what an earlier run was started with, which can be edited first. */
  fill({ machine, event, detail }) {
    if (this.machines.some((one) => one.machine === machine)) byId("machine").value = machine;
    this.offer();
    if (event) byId("event").value = event;
    byId("detail").value = JSON.stringify(detail, null, 2);
    byId("detail-field").open = true;
    byId("fire").scrollIntoView({ block: "center" });
    byId("detail").focus();
  }

  async fire() {
    byId("start-error").textContent = "";
    try {
      const { job } = await post("/api/runs", this.asked());
      location.assign(`/runs/${encodeURIComponent(job)}`);
    } catch (error) {
      byId("start-error").textContent = error.message;
    }
  }

  asked() {
    const asked = { machine: byId("machine").value, event: byId("event").value };
    for (const input of byId("options").querySelectorAll("input")) {
      if (input.value !== "") asked[input.name] = input.type === "number" ? input.valueAsNumber : input.value;
    }
    const detail = byId("detail").value.trim();
    if (detail) asked.detail = readDetail(detail);
    return asked;
  }
}

function optionField({ name, help, maximum }) {
  const kind = maximum === null ? { type: "text" } : { type: "number", min: 0, max: maximum, step: 1, inputmode: "numeric" };
  const id = `option-${name}`;
  const input = element("input", { id, name, ...kind, placeholder: "any", title: help, autocomplete: "off", spellcheck: "false" });
  return element("p", { class: "field" }, element("label", { for: id }, capital(name)), input);
}

function readDetail(text) {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`The detail is no JSON: ${error.message}`);
  }
}
