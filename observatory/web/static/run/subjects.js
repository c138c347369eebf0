/** What the panel can show: each kind of thing that can be chosen has a module, which makes its parts. */

import { barSubject } from "./subject_bar.js";
import { definitionSubject } from "./definition.js";
import { edgeSubject, eventSubject } from "./subject_event.js";
import { functionSubject } from "./subject_function.js";
import { itemSubject } from "./subject_item.js";
import { nodeSubject, stateSubject } from "./subject_state.js";

/**
 * @typedef {{title: string, parts: HTMLElement[], update: (story: import("./story.js").Story) => void, tick?: () => void}} Subject
 * @typedef {{onSelect: (key: string) => void, onReplay: (event: object) => void}} Listeners
 */
const KINDS = { state: stateSubject, item: itemSubject, event: eventSubject, edge: edgeSubject, node: nodeSubject, function: functionSubject, definition: definitionSubject };

/**
 * @param {import("./story.js").Story} story
 * @param {string} key As the address has it: the kind, a space, and what is called so; or the key of a try of a function.
 * @param {Listeners} listeners
 * @returns {Subject | null} Nothing if the run has nothing that is called so.
 */
export function makeSubject(story, key, listeners) {
  const [kind] = key.split(" ", 1);
  const rest = key.slice(kind.length + 1);
  return kind in KINDS ? KINDS[kind](story, rest, listeners) : barSubject(story, key, listeners);
}
