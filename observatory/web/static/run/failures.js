/** What failed in a run: each error once, however many of the machine, its states and its functions tell of it. */

import { explainError } from "../common/causes.js";

/**
 * @param {{what: string, error: string, times: number, items: string[], outcome: string | null, sentence: string}[]} failures
 *   As the API has them: of the execution first, then of its states, then of its functions.
 * @returns {string[]} A sentence for each error.
 */
export function causesOf(failures) {
  const byCause = Map.groupBy(failures, ({ error }) => messageOf(error));
  return [...byCause.values()].map((group) => {
    // What is nearest to the cause says the most: of a function, if one failed.
    const { error, sentence } = group.at(-1);
    const explained = explainError(error);
    const said = explained === error ? sentence : explained;
    const others = [...new Set(group.slice(0, -1).map(({ what, outcome }) => (outcome ? `${what}, ${outcome}` : what)))];
    return others.length ? `${said}; so failed ${others.reverse().join("; ")}` : said;
  });
}

/** What an error says itself, without the names that those add who hand it on. */
function messageOf(error) {
  return explainError(error).split(": ").at(-1).trim();
}
