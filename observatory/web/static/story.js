/** The story of a run, as the API tells it, with its parts joined: which bar emitted which event, and which bars it caused. */

import { explainError } from "./causes.js";

/**
 * @typedef {object} Bar What is drawn as a bar: an invocation of a function, or a task of the machine.
 * @property {string} key
 * @property {string} lane The function or the machine.
 * @property {"function" | "state"} kind
 * @property {string} name
 * @property {string | null} person
 * @property {number} put When its event was put on the bus; all times are milliseconds since the run began.
 * @property {number} cold When its environment began to start; `start` if that was there before.
 * @property {number} start
 * @property {number} end
 * @property {boolean} running
 * @property {boolean} sideEffect
 * @property {string | null} error
 * @property {StoryEvent | null} cause
 * @property {StoryEvent[]} emitted
 * @property {string[]} emittedIds
 * @property {object} record As the API has it.
 *
 * @typedef {object} StoryEvent
 * @property {string} id
 * @property {string} type
 * @property {string | null} person
 * @property {number} at
 * @property {Bar | null} emitter
 * @property {Bar[]} effects
 * @property {object} record As the API has it.
 */


const CONSUMING_KINDS = new Set(["function", "machine"]);

export class Story {
  /** @param {object} told What `/api/runs/{job}` answers. */
  constructor(told) {
    this.told = told;
    this.job = told.job;
    this.summary = told.summary;
    this.execution = told.execution;
    this.began = Date.parse(told.execution.startedAt);
    this.ended = this.since(told.execution.endedAt ?? told.told);
    this.running = told.execution.status === "RUNNING";
    this.machine = told.execution.arn.split(":").at(-2);
    this.events = told.events.map((event) => this.readEvent(event));
    this.eventById = new Map(this.events.map((event) => [event.id, event]));
    this.bars = [...this.readTasks(), ...told.invocations.map((one) => this.readInvocation(one))];
    this.barByKey = new Map(this.bars.map((bar) => [bar.key, bar]));
    this.join();
  }

  /** Milliseconds from the begin of the run to a moment. */
  since(iso) {
    return Date.parse(iso) - this.began;
  }

  /** The people that the run has events of, in the order in which their turn came. */
  get people() {
    return [...new Set(this.events.map((event) => event.person).filter(Boolean))];
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

  readEvent(record) {
    const { id, type, person, time } = record;
    return { id, type, person, at: this.since(time), emitter: null, effects: [], record };
  }

  readTasks() {
    const tasks = this.told.stateRuns.filter((state) => state.kind === "Task");
    return tasks.map((state) => {
      const start = this.since(state.entered);
      const end = state.exited ?? state.failed;
      return {
        key: `${state.state} ${state.person} ${state.entered}`,
        lane: this.machine,
        kind: "state",
        name: state.state,
        person: state.person,
        put: start,
        cold: start,
        start,
        end: end ? this.since(end) : this.ended,
        running: !end && this.running,
        sideEffect: false,
        error: state.failed ? explainError(state.error ?? "no reason is known") : null,
        cause: null,
        emitted: [],
        emittedIds: state.eventIds,
        record: state,
      };
    });
  }

  readInvocation(one) {
    const cause = this.eventById.get(one.causeEventId) ?? this.guessCause(one);
    const start = this.since(one.startedAt);
    const cold = start - (one.initMs ?? 0);
    return {
      key: `${one.requestId} ${one.startedAt}`,
      lane: one.function,
      kind: "function",
      name: one.function,
      person: cause?.person ?? null,
      put: Math.min(cause?.at ?? cold, cold),
      cold,
      start,
      end: Math.max(one.endedAt ? this.since(one.endedAt) : this.since(this.told.told), start),
      running: !one.endedAt,
      sideEffect: one.isSideEffect,
      error: one.error,
      cause,
      emitted: [],
      emittedIds: one.emitted,
      record: one,
    };
  }

  /** An invocation that ended before its handler could say which event it had; a state that failed by it knows whose. */
  guessCause({ function: name, requestId }) {
    const failed = this.told.stateRuns.find((state) => state.cause?.includes(requestId));
    const takes = (event) => this.consumersOf(event.type).some((consumer) => consumer.name === name);
    return (failed && this.events.find((event) => event.person === failed.person && takes(event))) ?? null;
  }

  join() {
    for (const bar of this.bars) {
      bar.cause?.effects.push(bar);
      for (const event of bar.emittedIds.map((id) => this.eventById.get(id)).filter(Boolean)) {
        event.emitter = bar;
        bar.emitted.push(event);
      }
    }
  }
}
