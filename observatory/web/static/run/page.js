/** The page of a run: reads its story, follows it while it goes, and hands it to the view that is open. */

import { readAddress, onReturn, writeAddress } from "../common/address.js";
import { ApiError, get } from "../common/api.js";
import { DeadLetters } from "../common/dead_letters.js";
import { afterTyping, byId, element, setText } from "../common/dom.js";
import { capital } from "../common/format.js";
import { follow } from "../common/live.js";
import { announce, clear, report } from "../common/messages.js";
import { refresher } from "../common/refreshing.js";
import { makeTabs } from "../common/tabs.js";
import { Actions } from "./actions.js";
import { Denials } from "./denials.js";
import { FailureCard } from "./failure_card.js";
import { causesOf } from "./failures.js";
import { EventList } from "./events.js";
import { Objects } from "./objects.js";
import { Panel } from "./panel.js";
import { Pending } from "./pending.js";
import { Replay } from "./replay.js";
import { Spending } from "./spending.js";
import { Story } from "./story.js";
import { showCompleteness, showDuration, showSummary } from "./summary.js";
import { Timeline } from "./timeline.js";
import { Workflow } from "./workflow.js";

const job = decodeURIComponent(location.pathname.split("/").at(-1));
const path = `/api/runs/${encodeURIComponent(job)}`;
/** A start event needs a moment until there is an execution. */
const LONGEST_START_MS = 30_000;
/** So many names help who types one. */
const MANY_OFFERED = 50;
const MANY_SENTENCES = 10;
const TICK_MS = 1000;
/** Why a run waits may become known without any news of it, such as by a log. */
const OLDEST_REASON_MS = 3000;

class RunPage {
  constructor() {
    this.story = null;
    this.refresh = refresher(() => this.read());
    this.refreshProgress = refresher(() => this.readProgress());
    this.opened = performance.now();
    const replay = new Replay((news) => announce(news));
    const onReplay = (event) => replay.open(event);
    this.timeline = new Timeline(byId("timeline-picture"), byId("invocations"), {
      onSelect: (key, opener) => this.choose(key, opener),
      onRange: (range) => writeAddress({ from: range && range.from, to: range && range.to }),
    });
    this.panel = new Panel(byId("details"), {
      onSelect: (key) => this.choose(key, null),
      onClose: () => this.go({ selected: null }),
      onReplay,
    });
    this.views = {
      workflow: new Workflow((key, opener) => this.choose(key, opener)),
      timeline: this.timeline,
      time: new Spending(),
      events: new EventList(byId("event-list"), { onReplay, onSelect: (key, opener) => this.choose(key, opener), onSearch: (wanted) => writeAddress(wanted) }),
      objects: new Objects(byId("report"), byId("object-list")),
    };
    this.actions = new Actions(path);
    this.failureCard = new FailureCard(byId("failure-card"), onReplay);
    this.pending = new Pending(byId("waiting"), (key, opener) => this.choose(key, opener));
    this.deadLetters = new DeadLetters(byId("dead-letters"), () => this.refresh());
    this.denials = new Denials(byId("denials"));
    this.stale = new Set(Object.keys(this.views));
    this.showTab = makeTabs(document.querySelector("[role=tablist]"), (view) => this.go({ view }));
    this.listen();
    this.showAddress();
  }

  listen() {
    byId("item").addEventListener("input", afterTyping(() => {
      this.offerItems();
      this.go({ item: byId("item").value }, false);
    }));
    byId("replays").addEventListener("change", () => this.go({ replays: byId("replays").checked ? "yes" : null }, false));
    byId("zoom-in").addEventListener("click", () => this.timeline.zoom(true));
    byId("zoom-out").addEventListener("click", () => this.timeline.zoom(false));
    byId("save-timeline").addEventListener("click", () => this.timeline.save());
    byId("zoom-fit").addEventListener("click", () => this.timeline.fit());
    onReturn(() => this.showAddress());
    setInterval(() => this.tick(), TICK_MS);
    follow({ onOpen: () => this.refresh(), onRuns: (runs) => this.takeNews(runs) });
  }

  /** Show something else, by way of the address; Back leads to what is shown now unless it is but refined. */
  go(values, step = true) {
    writeAddress(values, { step });
    this.showAddress();
  }

  /** Show what the address says. */
  showAddress() {
    const { view = "workflow", item = "", selected = null, from, to, q, type, replays } = readAddress();
    this.showTab(view);
    if (byId("item").value !== item) byId("item").value = item;
    byId("replays").checked = replays === "yes";
    const range = Number(to) > Number(from) ? { from: Number(from), to: Number(to) } : null;
    this.timeline.show({ item, selectedKey: selected, range, withReplays: replays === "yes" });
    this.views.events.show({ q, type });
    this.open(this.views[view] ? view : "workflow");
    this.showSelected(selected);
  }

  showSelected(selected) {
    if (this.story && this.panel.key !== selected) this.panel.show(this.story, selected, this.opener);
  }

  /** @returns {Promise<boolean>} Whether it has to be read again. */
  async read() {
    try {
      const told = await get(path);
      if (told.told !== this.story?.told.told) this.take(new Story(told, performance.now()));
      clear("reading");
      return told.expecting && !this.story.running;
    } catch (error) {
      this.takeError(error);
      return this.mayStillStart(error) || error.status === 0;
    }
  }

  /** Of a run that has been told, an error is but a line; of one that is not known it is all that there is to show. */
  takeError(error) {
    if (error.status !== 404 || this.story) {
      report("reading", error);
      return;
    }
    byId("unknown").hidden = false;
    byId("known").hidden = true;
    setText(byId("unknown-why"), error.message);
    document.title = "No such run · Sandbox";
  }

  mayStillStart(error) {
    return error.status === 404 && performance.now() - this.opened < LONGEST_START_MS;
  }

  async readProgress() {
    try {
      const { summary, ...pictures } = await get(`${path}/progress`);
      if (!this.story?.running) return;
      this.summarize(summary);
      if (this.shown === "workflow") this.views.workflow.updatePicture(pictures);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  take(story) {
    this.story = story;
    this.taken = performance.now();
    byId("unknown").hidden = true;
    byId("known").hidden = false;
    byId("known").removeAttribute("aria-busy");
    this.stale = new Set(Object.keys(this.views));
    this.offerItems();
    this.summarize(story.summary);
    showCompleteness(story.told, story.running);
    byId("replays-field").hidden = !story.hasReplays;
    this.showTroubles();
    this.deadLetters.read(story.job);
    this.open(this.shown);
    if (this.panel.key) this.panel.update(story);
    else this.showSelected(readAddress().selected);
  }

  summarize(summary) {
    showSummary(summary, this.story.words);
    this.actions.offer(summary);
  }

  takeNews(runs) {
    const mine = runs.find((run) => run.job === (this.story?.job ?? job));
    if (!mine) return;
    this.refresh();
    if (mine.status === "RUNNING") this.refreshProgress();
  }

  /** Let what runs run on, between one story and the next. */
  tick() {
    if (document.hidden || !(this.story?.running || this.story?.told.expecting)) return;
    this.story.advance(performance.now());
    showDuration(this.story.ended);
    this.views[this.shown].tick?.();
    this.panel.tick();
    this.pending.tick();
    if (this.story.told.waiting.length && performance.now() - this.taken > OLDEST_REASON_MS) this.refresh();
  }

  open(view) {
    this.shown = view;
    if (!this.story || !this.stale.delete(view)) return;
    this.views[view].update(this.story);
  }

  /** Open the panel for something, beside the view that is open. */
  choose(key, opener) {
    this.opener = opener;
    this.go({ selected: key });
  }

  offerItems() {
    if (!this.story) return;
    const { itemNames, itemWord } = this.story;
    byId("item-field").hidden = itemNames.length === 0;
    setText(byId("item-label"), capital(itemWord));
    const typed = byId("item").value.toLowerCase();
    const offered = itemNames.filter((name) => name.toLowerCase().includes(typed)).slice(0, MANY_OFFERED);
    byId("item-names").replaceChildren(...offered.map((name) => element("option", { value: name })));
  }

  showTroubles() {
    const { failure, failures, otherFailures, denied } = this.story.told;
    this.failureCard.show(this.story.job, failure);
    showSentences("failures", failure ? otherFailures : causesOf(failures));
    byId("failures").hidden = !failure && failures.length === 0;
    this.denials.show(denied);
    this.pending.update(this.story);
  }
}

/** Show a few sentences, and how many more there are. */
function showSentences(id, sentences) {
  const shown = sentences.slice(0, MANY_SENTENCES);
  const more = sentences.length - shown.length;
  byId(id).hidden = sentences.length === 0;
  byId(id).querySelector(":scope > ul").replaceChildren(...[...shown, ...(more ? [`and ${more} more`] : [])].map((one) => element("li", {}, one)));
}

setText(byId("job"), job);
byId("export").href = `${path}/export`;
byId("compare").href = `/compare?after=${encodeURIComponent(job)}`;
byId("like").href = `/?like=${encodeURIComponent(job)}`;
new RunPage();
