/** The lines over the foot of a page: what went wrong, until it is over, and what was done, until that is put away. */

import { ApiError } from "./api.js";
import { byId, element } from "./dom.js";

/**
 * Show an error, in place of the last one from the same source.
 * @param {string} source What went wrong, for `clear`.
 * @param {Error} error
 */
export function report(source, error) {
  show(source, "problem", error.message);
  // What is no answer of the server is a mistake in these pages, and belongs in the console too.
  if (!(error instanceof ApiError)) throw error;
}

/** Take the error of a source away. */
export function clear(source) {
  lineOf(source)?.remove();
}

/**
 * Say what was done.
 * @param {Node} news
 */
export function announce(news) {
  show("news", "news", news, element("button", { type: "button", class: "close", "aria-label": "Put away", click: () => clear("news") }, "×"));
}

function show(source, kind, content, ...buttons) {
  const line = lineOf(source) ?? byId("messages").appendChild(element("p", { class: "message", "data-source": source }));
  line.dataset.kind = kind;
  if (line.firstChild?.textContent !== (content.textContent ?? content)) line.replaceChildren(content, ...buttons);
}

function lineOf(source) {
  return byId("messages").querySelector(`[data-source="${source}"]`);
}
