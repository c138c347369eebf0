/** What the light in the page's head says: what the page knows of the sandbox, and how old that is. */

/** The server says something each second, also when nothing has changed, and when the sandbox does not answer. */
export const SILENCE_MS = 4000;

/**
 * @param {{connected: boolean | null, trouble: string | null, quietMs: number}} known
 *   Whether the stream is open (null before it was); what the last word on the sandbox was; how long ago there was any.
 * @returns {{state: "connecting" | "live" | "lost", text: string}}
 */
export function lightOf({ connected, trouble, quietMs }) {
  if (connected === false) return { state: "lost", text: "the pages' server is gone, trying again" };
  if (quietMs > SILENCE_MS) return { state: "lost", text: `no word for ${Math.round(quietMs / 1000)} s` };
  if (connected === null) return { state: "connecting", text: "connecting …" };
  if (trouble) return { state: "lost", text: "the sandbox does not answer" };
  return { state: "live", text: "live" };
}
