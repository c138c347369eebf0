/** What a page shows, kept in its address: so a link leads to it, and Back to what was shown before. */

/** @returns {Object<string, string>} */
export function readAddress() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/**
 * Put something into the address; what is empty is left out.
 * @param {Object<string, string | number | null>} values
 * @param {{step?: boolean}} [options] Whether Back shall lead to what is there now.
 */
export function writeAddress(values, { step = false } = {}) {
  const parameters = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") parameters.delete(name);
    else parameters.set(name, value);
  }
  const search = parameters.toString();
  if (search === location.search.slice(1)) return;
  history[step ? "pushState" : "replaceState"](null, "", search ? `?${search}` : location.pathname);
}

/** @param {(values: Object<string, string>) => void} show Called when the reader goes back or forth. */
export function onReturn(show) {
  addEventListener("popstate", () => show(readAddress()));
}
