/** The critical path of a run, summed up. */

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
