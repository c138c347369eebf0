/** The page of a run: reads its story, follows it while it goes, and hands it to the view that is open. */

import { get, post } from "./api.js";
import { explainError } from "./causes.js";
import { Details } from "./details.js";
import { afterTyping, byId, element, setText } from "./dom.js";
import { EventList } from "./events.js";
import { badge, moment, seconds } from "./format.js";
import { follow } from "./live.js";
import { Objects } from "./objects.js";
import { announce, clear, report } from "./messages.js";
import { refresher } from "./refreshing.js";
import { Replay } from "./replay.js";
import { Story } from "./story.js";
import { makeTabs } from "./tabs.js";
import { Timeline } from "./timeline.js";
import { Workflow } from "./workflow.js";

const job = decodeURIComponent(location.pathname.split("/").at(-1));
const path = `/api/runs/${encodeURIComponent(job)}`;
/** A start event needs a moment until there is an execution. */
const LONGEST_START_MS = 30_000;

class RunPage {
  constructor() {
    this.story = null;
    this.refresh = refresher(() => this.read());
    this.opened = performance.now();
    this.following = false;
    const replay = new Replay((news) => this.takeNews(news));
    const onReplay = (event) => replay.open(event);
    this.timeline = new Timeline(byId("timeline-picture"), byId("invocations"), (bar, opener) => this.select(bar, opener));
    this.details = new Details(byId("details"), { onSelect: (bar) => this.select(bar, null), onClose: () => this.timeline.select(null), onReplay });
    this.views = {
      workflow: new Workflow((person) => this.showPerson(person)),
      timeline: this.timeline,
      events: new EventList(byId("event-list"), onReplay),
      objects: new Objects(byId("report"), byId("object-list")),
    };
    this.stale = new Set(Object.keys(this.views));
    this.show = makeTabs(document.querySelector("[role=tablist]"), (id) => this.open(id));
    this.listen();
  }

  listen() {
    byId("person").addEventListener("input", afterTyping(() => this.timeline.filter(byId("person").value)));
    byId("zoom-in").addEventListener("click", () => this.timeline.zoom(true));
    byId("zoom-out").addEventListener("click", () => this.timeline.zoom(false));
    byId("zoom-fit").addEventListener("click", () => this.timeline.fit());
    byId("again").addEventListener("click", () => this.runAgain());
  }

  /** @returns {Promise<boolean>} Whether it has to be tried again. */
  async read() {
    try {
      this.take(new Story(await get(path)));
      clear("reading");
      return false;
    } catch (error) {
      report("reading", error);
      return this.mayStillStart(error) || error.status === 0;
    }
  }

  mayStillStart(error) {
    return error.status === 404 && performance.now() - this.opened < LONGEST_START_MS;
  }

  take(story) {
    const first = this.story === null;
    this.story = story;
    this.stale = new Set(Object.keys(this.views));
    this.offerPeople();
    this.summarize(story.summary);
    this.showFailures();
    this.open(this.shown);
    if (first) this.followOn();
  }

  /** An event that was sent again may bring a run that was complete to life. */
  takeNews(news) {
    announce(news);
    this.followOn();
  }

  followOn() {
    if (this.following) return;
    this.following = true;
    follow(`${path}/live`, {
      progress: ({ summary, workflow }) => {
        this.summarize(summary);
        if (this.shown === "workflow") this.views.workflow.updatePicture(workflow);
        this.refresh();
      },
      end: () => {
        this.following = false;
        this.refresh();
      },
    });
  }

  open(id) {
    this.shown = id;
    if (!this.story || !this.stale.delete(id)) return;
    this.views[id].update(this.story);
  }

  select(bar, opener) {
    const current = this.story.barByKey.get(bar.key) ?? bar;
    this.timeline.select(current);
    this.details.show(this.story, current, opener);
  }

  showPerson(person) {
    byId("person").value = person;
    this.show("timeline");
    this.timeline.filter(person);
    byId("person").focus();
  }

  offerPeople() {
    const known = byId("people-names");
    const { people } = this.story;
    if (known.childElementCount !== people.length) known.replaceChildren(...people.map((name) => element("option", { value: name })));
  }

  summarize(summary) {
    document.title = `${summary.status} · Run ${job.slice(0, 8)} · Sandbox`;
    const { people, peopleDone } = summary;
    const facts = [
      ["Status", badge(summary.status)],
      ["Started", moment(summary.startedAt)],
      ["Duration", seconds(summary.seconds)],
      ["People", people ?? "–"],
      ["Cookies", summary.cookies ?? "–"],
      ["Failures", summary.failures],
      ["Seed", summary.seed ?? "none"],
    ];
    byId("summary").replaceChildren(...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
    byId("progress").max = Math.max(people ?? 1, 1);
    byId("progress").value = people === 0 ? 1 : peopleDone;
    setText(byId("progress-text"), `${peopleDone} of ${people ?? "?"} people`);
    setText(byId("news"), `Run ${summary.status}`);
  }

  showFailures() {
    const sentences = this.story.told.failures.map(sentence);
    byId("failures").hidden = sentences.length === 0;
    byId("failures").querySelector("ul").replaceChildren(...sentences.map((one) => element("li", {}, one)));
  }

  async runAgain() {
    try {
      const { job: next } = await post(`${path}/again`);
      location.assign(`/runs/${encodeURIComponent(next)}`);
    } catch (error) {
      report("again", error);
    }
  }
}

/** A failure as the API says it, unless its cause can be read better. */
function sentence({ what, error, sentence: said }) {
  const explained = explainError(error);
  return explained === error ? said : `${what} failed: ${explained}`;
}

setText(byId("job"), job);
new RunPage().refresh();
