/** The tries of a state, in words: how each ended, how long until the next, and when that is due. */

import { explainError } from "../common/causes.js";
import { milliseconds, seconds } from "../common/format.js";

const HOW = { RUNNING: "goes on for", SUCCEEDED: "succeeded after", ABORTED: "aborted after" };

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
  const took = milliseconds((state.failed ?? state.ended ?? now) - last);
  const how = state.failed !== null ? `failed after ${took} (${explainError(state.error ?? "no reason is known")})` : `${HOW[state.status]} ${took}`;
  const next = state.nextTry !== null && story.running ? `, next in ${seconds(Math.max(state.nextTry - now, 0) / 1000)}` : "";
  return [...told, `try ${state.tries}${of}: ${how}${next}`];
}

/** How long it is until something; nothing of a run that has ended. */
export function untilText(at, story) {
  if (at === null || at === undefined || !story.running) return null;
  return at <= story.ended ? "now" : `in ${seconds((at - story.ended) / 1000)}`;
}

/**
 * About how long it is until Lambda lets a function try again, which nothing tells exactly.
 * @param {number | null} at In milliseconds since the run began; nothing if there is no further try.
 * @param {number} now
 */
export function nextText(at, now) {
  if (at === null || at === undefined) return null;
  return at <= now ? "at any moment" : `in about ${Math.ceil((at - now) / 1000)} s`;
}

/**
 * How long a state waits for a heartbeat: until the first, on the clock; those that came are told by nothing but that it still waits.
 * @param {import("./story.js").Story} story
 * @param {object} state
 */
export function heartbeatText(story, state) {
  const every = story.pendingByState.get(state.id)?.heartbeat ?? null;
  if (every === null || !story.running) return null;
  const due = (state.begun ?? state.entered) + every * 1000;
  return due > story.ended ? `in ${seconds((due - story.ended) / 1000)} without a heartbeat` : `${seconds(every)} after the last heartbeat`;
}
