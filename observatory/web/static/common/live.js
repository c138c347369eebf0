/** Tells a page what changes while it is seen, through the stream that all tabs share, and lights the light in its head. */

import { ApiError } from "./api.js";
import { byId, setText } from "./dom.js";
import { Feed } from "./feed.js";
import { SILENCE_MS, lightOf } from "./light.js";
import { clear, report } from "./messages.js";

const LOOK_MS = 1000;

/**
 * @param {{onRuns?: (runs: object[]) => void, onOpen: () => void}} listeners
 *   Called with the runs that have changed; and whenever something may have been missed, at first too.
 */
export function follow({ onRuns, onOpen }) {
  const known = { connected: null, trouble: null };
  let heard = performance.now();
  let asked = heard;
  let port = null;
  const show = () => {
    const { state, text } = lightOf({ ...known, quietMs: performance.now() - heard });
    byId("connection").dataset.state = state;
    setText(byId("connection"), text);
  };
  const take = ({ data: { name, data } }) => {
    heard = performance.now();
    known.connected = name !== "lost";
    if (name !== "lost" && name !== "open") known.trouble = data.error ?? null;
    if (known.trouble) report("live", new ApiError(known.trouble, 0));
    else clear("live");
    show();
    if (name === "open") onOpen();
    if (name === "runs") onRuns?.(data.runs);
  };
  const ask = () => {
    asked = performance.now();
    port.postMessage("here");
  };
  const listen = () => {
    port?.postMessage("away");
    port?.close();
    port = connect();
    port.onmessage = take;
    if (!document.hidden) ask();
  };
  const come = () => {
    heard = performance.now();
    ask();
  };
  const look = () => {
    show();
    // A worker that ended as this page came, or whose script did not arrive, will never say anything.
    if (!document.hidden && performance.now() - Math.max(heard, asked) > SILENCE_MS) listen();
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? port.postMessage("away") : come()));
  addEventListener("pagehide", () => port.postMessage("away"));
  addEventListener("pageshow", ({ persisted }) => persisted && come());
  setInterval(look, LOOK_MS);
  listen();
}

/** The shared worker, or, in a browser that has none, a stream of the page's own. */
function connect() {
  if (globalThis.SharedWorker) {
    return new SharedWorker("/static/common/feed_worker.js", { type: "module", name: "feed" }).port;
  }
  const { port1, port2 } = new MessageChannel();
  new Feed("/api/live").connect(port2);
  return port1;
}
