/** The tables of a comparison: its parts, those first that differ the most; and its names in all. */

import { element } from "../common/dom.js";
import { seconds } from "../common/format.js";
import { number, pagedTable, row } from "../common/paging.js";

const PART_COLUMNS = [{ title: "Change" }, { title: "What" }, { title: "Item" }, ...["Before", "After", "Difference"].map((title) => ({ title, number: true }))];
const NAME_COLUMNS = [
  { title: "Name" },
  { title: "Change" },
  ...["Before", "Median", "Longest", "After", "Median", "Longest"].map((title) => ({ title, number: true })),
];

/** @param {HTMLElement} place */
export function partsTable(place) {
  return pagedTable(place, "Parts of the two runs", PART_COLUMNS, ({ kind, name, item, change, before, after }) =>
    row({ "data-change": change }, sign(change), `${name} (${kind})`, item, number(tookOf(before)), number(tookOf(after)), number(difference(before, after))),
  );
}

/** @param {HTMLElement} place */
export function namesTable(place) {
  return pagedTable(place, "States and functions of the two runs", NAME_COLUMNS, ({ kind, name, change, before, after }) =>
    row({}, `${name} (${kind})`, sign(change), ...[before, after].flatMap(figures)),
  );
}

/**
 * @param {object[]} parts As the API has them.
 * @param {boolean} alsoSame Whether those are wanted, too, that are as they were.
 */
export function orderedParts(parts, alsoSame) {
  const weight = ({ before, after }) => Math.abs((after?.seconds ?? 0) - (before?.seconds ?? 0));
  return parts.filter(({ change }) => alsoSame || change !== "same").toSorted((one, other) => weight(other) - weight(one));
}

function figures({ count, median, longest }) {
  return count ? [number(count), number(seconds(median)), number(seconds(longest))] : [number(0), number(), number()];
}

/** What became of something, told by a shape as well. */
function sign(change) {
  return element("span", { class: "change", "data-change": change }, change);
}

function tookOf(span) {
  return span && `${span.failed ? "✕ " : ""}${seconds(span.seconds)}`;
}

function difference(before, after) {
  if (!before || !after) return "";
  const by = after.seconds - before.seconds;
  return `${by < 0 ? "−" : "+"}${seconds(Math.abs(by))}`;
}
