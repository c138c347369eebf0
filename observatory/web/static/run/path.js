/** The critical path of a run, summed up. */

/** What time is spent on, and in which colour that is drawn. */
const COLORS = { "queue wait": "wait", "cold start": "cold", work: "work", "back-off": "backOff", "hand-back": "handBack", machine: "state", waiting: "waiting" };

/** The name of the colour of a kind of time. */
export function colorOf(kind) {
  return COLORS[kind] ?? "state";
}

/**
 * @param {{state: string, what: string, began: number, ended: number}[]} segments One after the other.
 * @returns {{state: string, what: string, times: number, took: number, share: number}[]} What took longest first.
 */
export function spent(segments) {
  const whole = segments.reduce((sum, { began, ended }) => sum + ended - began, 0) || 1;
  const groups = Map.groupBy(segments, ({ state, what }) => `${state}\n${what}`);
  return [...groups.values()]
    .map((group) => {
      const took = group.reduce((sum, { began, ended }) => sum + ended - began, 0);
      return { state: group[0].state, what: group[0].what, times: group.length, took, share: took / whole };
    })
    .sort((one, other) => other.took - one.took);
}

/** How much was spent on each kind of thing. @returns {{kind: string, took: number, share: number}[]} What took longest first. */
export function spentByKind(segments) {
  const byKind = Map.groupBy(segments, ({ kind }) => kind);
  const sums = [...byKind].map(([kind, group]) => ({ kind, took: group.reduce((sum, { began, ended }) => sum + ended - began, 0) }));
  const whole = sums.reduce((sum, { took }) => sum + took, 0) || 1;
  return sums.map((sum) => ({ ...sum, share: sum.took / whole })).sort((one, other) => other.took - one.took);
}
