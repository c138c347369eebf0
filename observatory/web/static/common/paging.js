/** Shows long lists in parts, so that a run of thousands of events is as quick to open as a small one. */

import { element, refill } from "./dom.js";

const PAGE_SIZE = 200;

/**
 * A list that grows by a page when asked to.
 * @template T
 */
export class PagedList {
  /**
   * @param {HTMLElement} target Where the items go.
   * @param {HTMLElement} foot Where the button goes that shows more.
   * @param {(item: T) => HTMLElement} make
   */
  constructor(target, foot, make) {
    this.target = target;
    this.make = make;
    this.shown = 0;
    this.limit = PAGE_SIZE;
    this.button = element("button", { type: "button", click: () => this.showMore() });
    this.button.hidden = true;
    foot.append(this.button);
  }

  /**
   * Show other items, the first page of them.
   * @param {T[]} items
   */
  replace(items) {
    this.limit = PAGE_SIZE;
    this.refresh(items);
  }

  /**
   * Show the items anew, as many pages as there were; the focus stays where it was.
   * @param {T[]} items
   */
  refresh(items) {
    this.items = items;
    refill(this.target, this.madeFrom(0));
  }

  showMore() {
    const first = this.shown;
    this.limit += PAGE_SIZE;
    this.target.append(...this.madeFrom(first));
    this.target.children[first]?.querySelector("a, button, summary")?.focus({ preventScroll: true });
  }

  /** The elements of those items that are shown by now, from one on. */
  madeFrom(first) {
    this.shown = Math.min(this.limit, this.items.length);
    const left = this.items.length - this.shown;
    this.button.hidden = left === 0;
    this.button.textContent = `Show ${Math.min(PAGE_SIZE, left)} more of ${left}`;
    return this.items.slice(first, this.shown).map(this.make);
  }
}

/**
 * A table that is shown in parts.
 * @param {HTMLElement} place
 * @param {string} caption What the table holds, for those who do not see where it is.
 * @param {Array<{title: string, number?: boolean}>} columns
 * @param {(item: any) => HTMLElement} makeRow
 */
export function pagedTable(place, caption, columns, makeRow) {
  const heads = columns.map(({ title, number }) => element("th", { scope: "col", class: number ? "number" : null }, title));
  const body = element("tbody");
  const table = element(
    "table",
    {},
    element("caption", { class: "visually-hidden" }, caption),
    element("thead", {}, element("tr", {}, ...heads)),
    body,
  );
  const foot = element("p", { class: "more" });
  place.replaceChildren(element("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": caption }, table), foot);
  return new PagedList(body, foot, makeRow);
}

/** A row of cells; the first names the row. */
export function row(attributes, first, ...cells) {
  const made = cells.map((cell) =>
    cell instanceof HTMLTableCellElement ? cell : element("td", {}, cell ?? ""),
  );
  return element("tr", attributes, element("th", { scope: "row" }, first), ...made);
}

/** A cell with a figure. */
export function number(text) {
  return element("td", { class: "number" }, text ?? "");
}
