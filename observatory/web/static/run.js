/** The page of a run: reads its story, follows it while it goes, and hands it to the view that is open. */

import { get, post } from "./api.js";
import { Details } from "./details.js";
import { afterTyping, byId, element, setText } from "./dom.js";
import { EventList } from "./events.js";
import { badge, moment, seconds } from "./format.js";
import { follow } from "./live.js";
import { Objects } from "./objects.js";
import { announce, clear, report } from "./messages.js";
import { Replay } from "./replay.js";
import { Story } from "./story.js";
import { makeTabs } from "./tabs.js";
import { Timeline } from "./timeline.js";
import { Workflow } from "./workflow.js";

const job = decodeURIComponent(location.pathname.split("/").at(-1));
const path = `/api/runs/${encodeURIComponent(job)}`;
const SHORTEST_PAUSE_MS = 1000;
/** A large story takes long to read; then it is read more rarely. */
const PAUSE_PER_READING = 3;
/** A start event needs a moment until there is an execution. */
const LONGEST_START_MS = 30_000;

class RunPage {
  constructor() {
    this.story = null;
    this.reading = false;
    this.again = false;
    this.opened = performance.now();
    const replay = new Replay(announce);
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

  /** Read the story, and again after a while if there was news meanwhile. */
  async read() {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    this.again = false;
    const began = performance.now();
    try {
      this.take(new Story(await get(path)));
      clear("reading");
    } catch (error) {
      this.again = this.mayStillStart(error) || error.status === 0;
      report("reading", error);
    }
    const pause = Math.max(SHORTEST_PAUSE_MS, PAUSE_PER_READING * (performance.now() - began));
    setTimeout(() => {
      this.reading = false;
      if (this.again) this.read();
    }, pause);
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

  followOn() {
    follow(`${path}/live`, {
      progress: ({ summary, workflow }) => {
        this.summarize(summary);
        if (this.shown === "workflow") this.views.workflow.updatePicture(workflow);
        this.read();
      },
      end: () => this.read(),
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
      ["People", people ?? "?"],
      ["Cookies", summary.cookies ?? "?"],
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
    const sentences = this.story.told.failures.map((failure) => failure.sentence);
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

setText(byId("job"), job);
new RunPage().read();
