/** The story of a run, as the API tells it, with its parts joined: which bar emitted which event, and which bars it caused. */

import { explainError } from "../common/causes.js";
import { rowsOf } from "./columns.js";

/**
 * @typedef {object} Bar What is drawn as a bar: a try of a function, or a task of the machine.
 * @property {string} key
 * @property {string} lane The function or the machine.
 * @property {"function" | "state"} kind
 * @property {string} name
 * @property {string | null} item
 * @property {number} put Since when it was waited for: its event was on the bus, or the try before had ended; all times are milliseconds since the run began.
 * @property {number} cold When its environment began to start; `start` if that was there before.
 * @property {number} start
 * @property {number} end
 * @property {boolean} running
 * @property {boolean} aborted Whether it was never left, for what it is in has ended.
 * @property {boolean} sideEffect
 * @property {boolean} replay Whether it came of an event that somebody sent again.
 * @property {number} number Which try it is, of so many `tries`.
 * @property {number} tries
 * @property {number} allowed How many tries there may be.
 * @property {number | null} nextTry About when the next one is due; only the last try has one.
 * @property {string | null} error
 * @property {StoryEvent | null} cause
 * @property {StoryEvent[]} emitted
 * @property {string[]} emittedIds
 * @property {object} record As the API has it.
 *
 * @typedef {object} StoryEvent
 * @property {string} id
 * @property {string} type
 * @property {string | null} item
 * @property {number} at
 * @property {string} from
 * @property {string | null} replayOf
 * @property {Bar | null} emitter
 * @property {Bar[]} effects
 */

const CONSUMING_KINDS = new Set(["function", "machine"]);

export class Story {
  /**
   * @param {object} told What `/api/runs/{job}` answers.
   * @param {number} readAt When it was read, on the page's clock; since then what runs has run on.
   */
  constructor(told, readAt) {
    this.told = told;
    this.readAt = readAt;
    this.job = told.job;
    this.words = told.words;
    this.itemWord = commonWord(told.words);
    this.summary = told.summary;
    this.execution = told.execution;
    const began = Date.parse(told.execution.startedAt);
    this.toldAt = Date.parse(told.told) - began;
    this.running = told.execution.status === "RUNNING";
    this.now = this.toldAt;
    this.ended = this.running ? this.toldAt : Date.parse(told.execution.endedAt) - began;
    this.machine = told.execution.machine;
    this.states = rowsOf(told.stateRuns);
    this.stateById = new Map(this.states.map((state) => [state.id, state]));
    this.items = rowsOf(told.items);
    this.objects = rowsOf(told.objects);
    this.criticalPath = rowsOf(told.criticalPath);
    this.events = rowsOf(told.events).map((event) => ({ ...event, emitter: null, effects: [] }));
    this.eventById = new Map(this.events.map((event) => [event.id, event]));
    this.bars = [...this.readTasks(), ...this.readInvocations()].sort((one, other) => one.put - other.put);
    this.barByKey = new Map(this.bars.map((bar) => [bar.key, bar]));
    this.join();
    this.pendingByState = new Map(told.pending.map((one) => [one.stateId, one]));
    this.runningBars = this.bars.filter((bar) => bar.running);
  }

  /** Let what runs run on until now, on the page's clock. */
  advance(now) {
    const at = this.toldAt + now - this.readAt;
    this.now = at;
    if (this.running) this.ended = at;
    for (const bar of this.runningBars) bar.end = Math.max(at, bar.start);
  }

  /** What the items are called whose turn has come. */
  get itemNames() {
    return [...new Set(this.items.map((item) => item.name))];
  }

  /** Whether anything came of an event that somebody sent again. */
  get hasReplays() {
    return this.bars.some((bar) => bar.replay);
  }

  /** Whether nothing that a state is in was tried again after it. */
  isLast({ parent, attempt }) {
    const around = this.stateById.get(parent);
    return !around || (attempt === around.tries && this.isLast(around));
  }

  /** Whether an item of a Map was not tried again. */
  isLastItem({ mapId, attempt }) {
    return this.isLast({ parent: mapId, attempt });
  }

  /** Who gets events of a type. */
  consumersOf(type) {
    return this.told.consumers.filter((one) => (one.type === type || one.type === null) && CONSUMING_KINDS.has(one.kind));
  }

  /** The bar that the causes of a bar begin with. */
  rootOf(bar) {
    const seen = new Set();
    let root = bar;
    while (root.cause?.emitter && !seen.has(root)) {
      seen.add(root);
      root = root.cause.emitter;
    }
    return root;
  }

  /** All bars whose causes begin with the same bar, that one first. */
  chainOf(bar) {
    const chain = new Set();
    const add = (one) => {
      if (chain.has(one)) return;
      chain.add(one);
      for (const event of one.emitted) event.effects.forEach(add);
    };
    add(this.rootOf(bar));
    return chain;
  }

  readTasks() {
    return this.states.filter((state) => state.type === "Task").map((state) => {
      return {
        key: `state ${state.id}`,
        lane: this.machine,
        kind: "state",
        name: state.name,
        item: state.item,
        put: state.entered,
        cold: state.entered,
        start: state.entered,
        end: state.ended ?? this.ended,
        running: state.status === "RUNNING",
        aborted: state.status === "ABORTED",
        sideEffect: false,
        replay: false,
        number: state.tries || 1,
        tries: state.tries || 1,
        allowed: state.triesAllowed ?? (state.tries || 1),
        nextTry: null,
        error: state.failed !== null ? explainError(state.error ?? "no reason is known") : null,
        cause: null,
        emitted: [],
        emittedIds: state.eventIds,
        record: state,
      };
    });
  }

  /** The tries of functions; of one request, each follows the one before. */
  readInvocations() {
    const byRequest = Map.groupBy(rowsOf(this.told.invocations), (one) => one.requestId);
    return [...byRequest.values()].flatMap((tries) => {
      const bars = tries.map((one, number) => this.readTry(one, number + 1, tries.length));
      for (let number = 1; number < bars.length; number += 1) bars[number].put = Math.min(bars[number - 1].end, bars[number].cold);
      return bars;
    });
  }

  readTry(one, number, tries) {
    const cause = this.eventById.get(one.causeEventId) ?? null;
    const retries = this.told.retries[one.requestId];
    // An environment may have begun to start before there was anything to handle.
    const cold = Math.min(Math.max(one.started - (one.initMs ?? 0), cause?.at ?? -Infinity), one.started);
    return {
      key: `${one.requestId} ${number}`,
      lane: one.function,
      kind: "function",
      name: one.function,
      item: cause?.item ?? null,
      put: Math.min(cause?.at ?? cold, cold),
      cold,
      start: one.started,
      end: Math.max(one.ended ?? this.toldAt, one.started),
      running: one.ended === null,
      aborted: false,
      sideEffect: one.isSideEffect,
      replay: Boolean(cause?.replayOf),
      number,
      tries,
      allowed: retries?.allowed ?? tries,
      nextTry: number === tries ? retries?.next ?? null : null,
      error: one.error,
      cause,
      emitted: [],
      emittedIds: one.emitted,
      record: one,
    };
  }

  join() {
    for (const bar of this.bars) {
      bar.cause?.effects.push(bar);
      for (const event of bar.emittedIds.map((id) => this.eventById.get(id)).filter(Boolean)) {
        event.emitter = bar;
        bar.emitted.push(event);
      }
    }
    // What came of what came of an event that was sent again is a replay, too.
    for (const bar of this.bars) bar.replay ||= Boolean(bar.cause?.emitter?.replay);
  }
}

/** What an item is called, where those of all Maps are called the same. */
function commonWord(words) {
  const known = new Set(Object.values(words.items).map((spec) => spec.one));
  return known.size === 1 ? [...known][0] : "item";
}
