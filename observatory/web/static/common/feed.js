/** One stream of server-sent events for whoever listens; while nobody does, none is open. Runs in the tabs' shared worker. */

const PAUSE_MS = 1000;
const NAMES = ["runs", "trouble", "tick"];

export class Feed {
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    this.ports = new Set();
    this.source = null;
  }

  /**
   * Let a port say whether its page is there, and tell it all that comes while it is.
   * @param {MessagePort} port
   */
  connect(port) {
    port.onmessage = ({ data }) => (data === "here" ? this.add(port) : this.remove(port));
  }

  add(port) {
    this.ports.add(port);
    if (!this.source) this.open();
    else if (this.source.readyState === EventSource.OPEN) port.postMessage({ name: "open" });
  }

  remove(port) {
    this.ports.delete(port);
    if (this.ports.size > 0) return;
    this.source?.close();
    this.source = null;
  }

  open() {
    const source = new EventSource(this.url);
    this.source = source;
    source.addEventListener("open", () => this.tell({ name: "open" }));
    source.addEventListener("error", () => {
      this.tell({ name: "lost" });
      if (source !== this.source) return;
      // The browser itself waits for longer, and not at all once it was answered with an error.
      source.close();
      setTimeout(() => source === this.source && this.open(), PAUSE_MS);
    });
    for (const name of NAMES) source.addEventListener(name, ({ data }) => this.tell({ name, data: JSON.parse(data) }));
  }

  tell(message) {
    for (const port of this.ports) port.postMessage(message);
  }
}
