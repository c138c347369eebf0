/** What functions could not handle that nobody waits for, and a button that sends it to them again. */

import { ApiError, get, post } from "./api.js";
import { whileBusy } from "./busy.js";
import { element, setText } from "./dom.js";
import { shortId } from "./format.js";
import { announce, clear, report } from "./messages.js";
import { number, pagedTable, row } from "./paging.js";
import { momentAgo } from "./times.js";

const COLUMNS = [{ title: "Function" }, { title: "Event" }, { title: "Since" }, { title: "Tries", number: true }, { title: "Error" }, { title: "" }];

export class DeadLetters {
  /**
   * @param {HTMLElement} section Shown while there are any; has a `div` for them.
   * @param {() => void} [onSent] Called once one was sent again.
   */
  constructor(section, onSent) {
    this.section = section;
    this.onSent = onSent;
    this.path = "/api/dead-letters";
    this.known = "";
    this.note = element("p", { class: "note" });
    section.querySelector("div").before(this.note);
  }

  /** @param {string} [job] Only those of a run. */
  async read(job) {
    if (job) this.path = `/api/dead-letters?job=${encodeURIComponent(job)}`;
    try {
      this.show(await get(this.path));
      clear("dead letters");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      report("dead letters", error);
    }
  }

  /** @param {{letters: object[], about: number}} found Of very many only some, and about how many there are. */
  show({ letters, about }) {
    const known = [about, ...letters.map(({ id }) => id)].join();
    this.section.hidden = letters.length === 0;
    if (known === this.known) return;
    this.note.hidden = about <= letters.length;
    setText(this.note, `${letters.length} of about ${about} in the queues: python scripts/dead_letters.py --send-all sends all of them again.`);
    this.known = known;
    this.table ??= pagedTable(this.section.querySelector("div"), "Dead letters", COLUMNS, (letter) => this.rowOf(letter));
    this.table.refresh(letters);
  }

  rowOf(letter) {
    const send = element("button", { type: "button", title: `python scripts/dead_letters.py --send ${letter.id}`, click: ({ currentTarget }) => this.send(currentTarget, letter) }, "Send again");
    const error = element("td", { class: "outcome error" }, letter.error);
    return row({ "data-key": letter.id }, letter.function, letter.type, momentAgo(letter.sent), number(letter.tries), error, element("td", {}, send));
  }

  async send(button, letter) {
    await whileBusy(button, async () => {
      try {
        await post(`/api/dead-letters/${encodeURIComponent(letter.id)}/send`);
        announce(element("span", {}, `Sent ${letter.type} ${shortId(letter.eventId ?? "")} to ${letter.function} again.`));
        clear("acting");
        this.onSent?.();
      } catch (error) {
        report("acting", error);
      }
      await this.read();
    });
  }
}
