/** Which of the runs are shown, and in which order: what the reader asks for, as the address has it. */

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const SORTS = {
  "": (run) => -Date.parse(run.startedAt),
  oldest: (run) => Date.parse(run.startedAt),
  slowest: (run) => -run.seconds,
  failures: (run) => -run.failures,
};

/**
 * @param {object[]} runs As the API has them.
 * @param {{status?: string, machine?: string, since?: string, q?: string, sort?: string}} wanted
 *   `since` is a number and m, h or d; `q` is anything in what started the run or came of it.
 * @param {number} now In milliseconds since 1970.
 */
export function filtered(runs, { status = "", machine = "", since = "", q = "", sort = "" }, now) {
  const text = q.trim().toLowerCase();
  const oldest = since ? now - Number.parseFloat(since) * (UNITS_MS[since.at(-1)] ?? Infinity) : -Infinity;
  const found = runs.filter(
    (run) =>
      (!status || run.status === status) &&
      (!machine || run.machine === machine) &&
      Date.parse(run.startedAt) >= oldest &&
      (!text || textOf(run).includes(text)),
  );
  const order = SORTS[sort] ?? SORTS[""];
  return found.sort((one, other) => order(one) - order(other));
}

function textOf({ job, machine, status, columns, start, error }) {
  return JSON.stringify([job, machine, status, columns, start, error ?? ""]).toLowerCase();
}
