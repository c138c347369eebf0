/** The panel beside the views: whatever was chosen, with all that is known of it, while the run goes on as well. */

import { element } from "../common/dom.js";
import { makeSubject } from "./subjects.js";

export class Panel {
  /**
   * @param {HTMLElement} place
   * @param {{onSelect: (key: string) => void, onClose: () => void, onReplay: (event: object) => void}} listeners
   */
  constructor(place, listeners) {
    this.place = place;
    this.listeners = listeners;
    this.opener = null;
    this.key = null;
    this.subject = null;
    place.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /**
   * Open the panel for something; close it if there is nothing of that kind.
   * @param {import("./story.js").Story} story
   * @param {string | null} key What was chosen, as the address has it.
   * @param {HTMLElement | null} opener Where the focus goes back to.
   */
  show(story, key, opener) {
    const subject = key ? makeSubject(story, key, this.listeners) : null;
    if (!subject) {
      this.hide();
      return;
    }
    this.opener = opener ?? this.opener;
    this.key = key;
    this.subject = subject;
    const heading = element("h2", { id: "details-heading", tabindex: "-1" }, subject.title);
    const close = element("button", { type: "button", class: "close", "aria-label": "Close the details", click: () => this.close() }, "×");
    this.place.replaceChildren(element("header", {}, heading, close), ...subject.parts);
    subject.update(story);
    this.place.hidden = false;
    this.place.scrollTop = 0;
    heading.focus({ preventScroll: true });
  }

  /** Show what is known by now of what is shown; what was opened stays open. */
  update(story) {
    this.subject?.update(story);
  }

  /** Let what goes on of it go on, between one story and the next. */
  tick() {
    this.subject?.tick?.();
  }

  close() {
    this.hide();
    this.listeners.onClose();
    presentOne(this.opener)?.focus();
    this.opener = null;
  }

  hide() {
    this.place.hidden = true;
    this.key = this.subject = null;
  }
}

/** Rows and pictures are made anew while a run goes on: the button that took the place of the opener. */
function presentOne(opener) {
  if (!opener || opener.isConnected) return opener;
  const { key } = opener.closest("[data-key]")?.dataset ?? {};
  if (!key) return null;
  const same = `[data-key="${CSS.escape(key)}"]`;
  return [...document.querySelectorAll(`${same}[tabindex], ${same} button`)].find((one) => one.checkVisibility());
}
