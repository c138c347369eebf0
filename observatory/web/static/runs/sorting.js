/** The heads of a table by which it is sorted: each has one order or two, which a click changes between. */

import { element } from "../common/dom.js";

/**
 * Turn the heads that name their orders into buttons.
 * @param {HTMLElement} head
 * @param {(order: string) => void} onSort
 */
export function makeSortable(head, onSort) {
  for (const cell of head.querySelectorAll("[data-sort]")) {
    const orders = cell.dataset.sort.split(" ");
    const next = () => orders[(orders.indexOf(head.dataset.order) + 1) % orders.length];
    cell.replaceChildren(element("button", { type: "button", class: "sort", click: () => onSort(next()) }, ...cell.childNodes));
  }
}

/** Show by which order it is sorted. */
export function showOrder(head, order) {
  head.dataset.order = order;
  for (const cell of head.querySelectorAll("[data-sort]")) {
    const orders = cell.dataset.sort.split(" ");
    if (!orders.includes(order)) cell.removeAttribute("aria-sort");
    else cell.setAttribute("aria-sort", order === "oldest" || order === "fastest" ? "ascending" : "descending");
  }
}
