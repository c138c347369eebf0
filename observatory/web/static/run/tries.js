/** The tries of a state, in words: how each ended, how long until the next, and when that is due. */

import { explainError } from "../common/causes.js";
import { milliseconds, seconds } from "../common/format.js";

/**
 * @param {import("./story.js").Story} story
 * @param {object} state
 * @param {number} now In milliseconds since the run began.
 * @returns {string[]} A sentence for each try, if there is more than one, or more than one is to be.
 */
export function triesText(story, state, now) {
  if (state.tries < 2 && state.nextTry === null) return [];
  const of = state.triesAllowed ? ` of ${state.triesAllowed}` : "";
  const begins = [...state.tried.map(([began]) => began), state.begun ?? state.entered];
  const told = state.tried.map(([began, ended], number) => {
    const backOff = milliseconds(begins[number + 1] - ended);
    return `try ${number + 1}${of}: failed after ${milliseconds(ended - began)} (${explainError(state.failedTries[number])}), back-off ${backOff}`;
  });
  const last = begins.at(-1);
  const end = state.failed ?? state.exited;
  const took = milliseconds((end ?? now) - last);
  const how = state.failed !== null ? `failed after ${took} (${explainError(state.error ?? "no reason is known")})` : end !== null ? `succeeded after ${took}` : `goes on for ${took}`;
  const next = state.nextTry !== null && story.running ? `, next in ${seconds(Math.max(state.nextTry - now, 0) / 1000)}` : "";
  return [...told, `try ${state.tries}${of}: ${how}${next}`];
}

/** How long it is until something; nothing of a run that has ended. */
export function untilText(at, story) {
  if (at === null || at === undefined || !story.running) return null;
  return at <= story.ended ? "now" : `in ${seconds((at - story.ended) / 1000)}`;
}
