/** Reads something again whenever there is news of it: never twice at a time, and not all the time. */

const SHORTEST_PAUSE_MS = 1000;
/** What takes long to read is read more rarely. */
const PAUSE_PER_READING = 3;

/**
 * @param {() => Promise<boolean | void>} read May answer that it has to be read again.
 * @returns {() => void} Call it when there is news.
 */
export function refresher(read) {
  let busy = false;
  let again = false;

  async function refresh() {
    again = busy;
    if (busy) return;
    busy = true;
    const began = performance.now();
    try {
      again = Boolean(await read()) || again;
    } finally {
      const pause = Math.max(SHORTEST_PAUSE_MS, PAUSE_PER_READING * (performance.now() - began));
      setTimeout(() => {
        busy = false;
        if (again) refresh();
      }, pause);
    }
  }
  return refresh;
}
