/** Reads tables that come as a column for each key. */

/**
 * @param {Object<string, any[]>} columns All of the same length.
 * @returns {Object<string, any>[]} A row for each value.
 */
export function rowsOf(columns) {
  const keys = Object.keys(columns);
  const count = keys.length ? columns[keys[0]].length : 0;
  return Array.from({ length: count }, (_, number) => Object.fromEntries(keys.map((key) => [key, columns[key][number]])));
}
