/** What a bar of the timeline says, in words. */

import { milliseconds } from "../common/format.js";

/** What it is about. */
export function titleOf(bar) {
  return [bar.name, bar.item].filter(Boolean).join(" for ");
}

/** How long an event waited for its function; nothing where that is not known. */
export function queueWait(bar) {
  return bar.cause && bar.number === 1 ? milliseconds(bar.cold - bar.put) : "";
}

/** How long Lambda waited until it tried again. */
export function backOff(bar) {
  return bar.number > 1 ? milliseconds(bar.cold - bar.put) : "";
}

/** How long its environment took to start. */
export function coldStart(bar) {
  return bar.cold < bar.start ? milliseconds(bar.start - bar.cold) : "";
}

/** Which try it is, where there are several, or there is to be another. */
export function tryOf(bar) {
  return bar.tries > 1 || bar.nextTry !== null ? `try ${bar.number} of ${bar.allowed}` : "";
}

/** What became of a bar. */
export function outcome(bar) {
  const notes = [tryOf(bar), bar.sideEffect && "side effect", bar.replay && "of an event sent again"];
  const how = bar.error ? `failed: ${bar.error}` : bar.running ? "running" : bar.aborted ? "aborted" : "done";
  return [how, ...notes].filter(Boolean).join(", ");
}

/** What a bar is, as the legend has it. */
export function kindOf(bar) {
  if (bar.error) return "failed";
  if (bar.aborted) return "aborted";
  if (bar.kind === "state") return "state";
  return bar.sideEffect ? "side" : "work";
}
