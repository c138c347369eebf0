/** What the run was started with, in the Amazon States Language, with the lines marked of one state. */

import { get } from "../common/api.js";
import { element } from "../common/dom.js";
import { json } from "../common/format.js";
import { copyButton } from "./copying.js";

/** The whole definition, as something that can be chosen. @returns {import("./subjects.js").Subject} */
export function definitionSubject(story) {
  return { title: "Definition", parts: [definitionPart(story, null)], update() {} };
}

/** @param {string | null} name The state whose lines are marked. */
export function definitionPart(story, name) {
  const lines = element("pre", { class: "definition", tabindex: "0" }, "loading …");
  const buttons = element("p", { class: "buttons" });
  get(`/api/runs/${encodeURIComponent(story.job)}/definition`).then(
    (definition) => {
      const text = json(definition);
      buttons.replaceChildren(copyButton(text));
      show(lines, text.split("\n"), name);
    },
    (error) => lines.replaceChildren(error.message),
  );
  return element("section", {}, element("header", {}, element("h3", {}, "Definition"), buttons), lines);
}

function show(place, lines, name) {
  const { first, last } = linesOf(lines, name);
  const before = lines.slice(0, first);
  const marked = element("mark", {}, lines.slice(first, last).join("\n"));
  place.replaceChildren(...(first < last ? [before.length ? `${before.join("\n")}\n` : "", marked, `\n${lines.slice(last).join("\n")}`] : [lines.join("\n")]));
  if (first < last) place.scrollTop = marked.offsetTop - 16;
}

/**
 * Where a state stands in a definition.
 * @param {string[]} lines Of JSON, indented.
 * @param {string | null} name
 * @returns {{first: number, last: number}} From its first line to the one after its last; nothing from 0 to 0.
 */
export function linesOf(lines, name) {
  const indentOf = (line) => line.length - line.trimStart().length;
  const head = `${JSON.stringify(name)}: {`;
  for (const [first, line] of lines.entries()) {
    if (name === null || line.trimStart() !== head) continue;
    const indent = indentOf(line);
    const around = lines.slice(0, first).findLast((one) => indentOf(one) < indent);
    if (around?.trim() !== '"States": {') continue;
    return { first, last: first + 1 + lines.slice(first + 1).findIndex((one) => indentOf(one) === indent) + 1 };
  }
  return { first: 0, last: 0 };
}
