/** Puts figures, times and states into words. */

import { element } from "./dom.js";

/** Seconds, as exact as they are worth reading. */
export function seconds(value) {
  if (value === null || value === undefined) return "";
  if (value >= 60) return `${Math.floor(value / 60)} min ${Math.floor(value % 60)} s`;
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

/** Milliseconds; longer times as seconds. */
export function milliseconds(value) {
  if (value === null || value === undefined) return "";
  return value < 1000 ? `${Math.round(value)} ms` : seconds(value / 1000);
}

/** A time in a run: milliseconds since it began. */
export function since(value) {
  return `${value < 0 ? "−" : "+"}${(Math.abs(value) / 1000).toFixed(3)} s`;
}

/** A size in bytes. */
export function bytes(value) {
  return value < 1000 ? `${value} B` : `${(value / 1000).toFixed(1)} kB`;
}

/** A status, in words, in its colour, and with a sign of its own. */
export function badge(status) {
  return element("span", { class: "badge", "data-status": status.toLowerCase() }, status);
}

/** A word as it begins a label. */
export function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/** What identifies a run, short enough to read; the beginning of an id is enough for the commands, too. */
export function shortId(id) {
  // A run whose event starts other machines as well has its machine's name before its id.
  return id.slice(id.lastIndexOf(":") + 1).slice(0, 8);
}

/** What a picture of a run is called as a file. */
export function fileName(what, job) {
  return `${what}-${shortId(job)}.svg`;
}

/** JSON as people read it. */
export function json(value) {
  return JSON.stringify(value, null, 2);
}

/** A value of whatever kind in a table: of a list how many there are, of an object its JSON. */
export function shown(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
