/** Follows a stream of server-sent events, says in the page's head whether it flows, and takes it up again if it broke. */

import { ApiError } from "./api.js";
import { byId, setText } from "./dom.js";
import { clear, report } from "./messages.js";

const PAUSE_MS = 2000;
const STATES = { live: "live", lost: "connection lost, trying again", ended: "complete" };

/**
 * @param {string} url
 * @param {Object<string, (data: any) => void>} listeners By the names of the events; after `end` nothing more comes.
 */
export function follow(url, listeners) {
  const source = new EventSource(url);
  const show = (state) => {
    byId("connection").dataset.state = state;
    setText(byId("connection"), STATES[state]);
  };
  source.addEventListener("open", () => show("live"));
  source.addEventListener("error", () => {
    show("lost");
    // The browser tries again by itself, except when it was answered with an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(url, listeners), PAUSE_MS);
  });
  source.addEventListener("trouble", (message) => report("live", new ApiError(JSON.parse(message.data).error, 0)));
  for (const [name, listener] of Object.entries(listeners)) {
    source.addEventListener(name, (message) => {
      if (name === "end") {
        source.close();
        show("ended");
      }
      clear("live");
      listener(message.data ? JSON.parse(message.data) : null);
    });
  }
}
