/** Shows long lists in parts, so that a run of thousands of events is as quick to open as a small one. */

import { element } from "./dom.js";

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
    const focused = document.activeElement?.closest("[data-key]");
    const key = this.target.contains(focused) ? focused.dataset.key : null;
    this.items = items;
    this.shown = 0;
    this.target.replaceChildren();
    this.fill();
    if (key) this.focusOn([...this.target.children].find((child) => child.dataset.key === key));
  }

  focusOn(child) {
    child?.querySelector("a, button, summary")?.focus({ preventScroll: true });
  }

  showMore() {
    const first = this.shown;
    this.limit += PAGE_SIZE;
    this.fill();
    this.focusOn(this.target.children[first]);
  }

  fill() {
    const upTo = Math.min(this.limit, this.items.length);
    this.target.append(...this.items.slice(this.shown, upTo).map(this.make));
    this.shown = upTo;
    const left = this.items.length - upTo;
    this.button.hidden = left === 0;
    this.button.textContent = `Show ${Math.min(PAGE_SIZE, left)} more of ${left}`;
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
