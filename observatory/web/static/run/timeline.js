/** The timeline of a run: what of it is shown, as a picture and as a table; which item, which part, which bar. */

import { element } from "../common/dom.js";
import { capital, fileName, milliseconds, since } from "../common/format.js";
import { number, pagedTable, row } from "../common/paging.js";
import { save } from "../common/saving.js";
import { onThemeChange } from "../common/theme.js";
import { scaled } from "./axis.js";
import { backOff, coldStart, kindOf, outcome, queueWait } from "./bars.js";
import { packLanes, rowHeight, visibleBars } from "./lanes.js";

/** So many arrows still help; of more, those of the bar that was chosen are shown. */
const MANY_ARROWS = 150;
/** A run that goes on is drawn each second, unless that is much work. */
const MANY_BARS = 1000;
/** An item is shown among the others where there is room for all of their rows. */
const MANY_ROWS = 110;
/** What the picture has above and below its lanes. */
const AXES_PX = 74 + 15;
const ZOOM_FACTOR = 2;

export class Timeline {
  /**
   * @param {HTMLElement} picture
   * @param {HTMLElement} table
   * @param {{onSelect: (key: string, opener: HTMLElement | null) => void, onRange: (range: import("./axis.js").Range | null) => void}} listeners
   */
  constructor(picture, table, listeners) {
    this.picture = picture;
    this.place = table;
    this.listeners = listeners;
    this.item = "";
    this.selectedKey = null;
    this.withReplays = false;
    /** Nothing is the whole run, however long that gets. */
    this.range = null;
    this.chart = null;
    this.width = 0;
    new ResizeObserver(() => this.picture.clientWidth !== this.width && this.draw()).observe(picture);
    onThemeChange(() => this.draw());
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.story = story;
    this.table ??= pagedTable(this.place, "Invocations and tasks in the order of time", columnsOf(story.itemWord), (bar) => this.makeRow(bar));
    this.arrange();
    this.draw();
    this.table.refresh(this.matching);
  }

  /** Draw what runs as it is by now. */
  tick() {
    if (this.story.bars.length <= MANY_BARS) this.draw();
  }

  /**
   * Show some of it.
   * @param {{item?: string, selectedKey?: string | null, range?: import("./axis.js").Range | null, withReplays?: boolean}} wanted
   *   An empty item is all of them, and a part of a name is all whose name has it.
   */
  show({ item = this.item, selectedKey = this.selectedKey, range = this.range, withReplays = this.withReplays }) {
    const others = item.trim().toLowerCase() !== this.item || withReplays !== this.withReplays;
    Object.assign(this, { item: item.trim().toLowerCase(), selectedKey, range, withReplays });
    if (!this.story) return;
    if (others) {
      this.arrange();
      this.table.replace(this.matching);
    }
    this.draw();
    for (const made of this.table.target.children) made.setAttribute("aria-selected", String(made.dataset.key === this.selectedKey));
  }

  /** Save what is shown as a file. */
  async save() {
    await this.draw();
    if (this.chart) save(this.chart.svgText(), fileName("timeline", this.story.job));
  }

  /** Zoom in around the middle of what is shown, or out. */
  zoom(inwards) {
    this.setRange(scaled(this.shownRange(), inwards ? 1 / ZOOM_FACTOR : ZOOM_FACTOR, this.end()));
  }

  /** Show the whole run. */
  fit() {
    this.setRange(null);
  }

  setRange(range) {
    const isWhole = !range || (range.from <= 0 && range.to >= this.end());
    // What the address holds is what is drawn.
    this.show({ range: isWhole ? null : { from: Math.floor(range.from), to: Math.ceil(range.to) } });
    this.listeners.onRange(this.range);
  }

  shownRange() {
    return this.range ?? { from: 0, to: this.end() };
  }

  /** Where the run ends, its side effects and, if they are shown, its replays. */
  end() {
    return this.bars.reduce((latest, bar) => Math.max(latest, bar.end), 1);
  }

  /** Give the bars their rows: all of them, to show an item among the others, unless these leave no room. */
  arrange() {
    this.bars = this.story.bars.filter((bar) => this.withReplays || !bar.replay);
    this.matching = this.bars.filter((bar) => this.matches(bar));
    this.drawn = this.bars;
    this.places = packLanes(this.drawn, this.story.machine);
    if (this.places.rows <= MANY_ROWS || !this.item) return;
    this.drawn = this.matching;
    this.places = packLanes(this.drawn, this.story.machine);
  }

  matches(bar) {
    return !this.item || (bar.item ?? "").toLowerCase().includes(this.item);
  }

  async draw() {
    if (!this.story || this.picture.clientWidth === 0) return;
    this.width = this.picture.clientWidth;
    this.picture.style.height = `${Math.round(this.places.rows * rowHeight(this.places.rows) + AXES_PX)}px`;
    this.chart ??= await this.open();
    const range = this.shownRange();
    const isKept = (bar) => bar.key === this.selectedKey || Boolean(this.item && this.matches(bar));
    this.chart.draw({
      bars: visibleBars(this.drawn, this.places.rowOf, range, this.areaWidth(this.picture), isKept),
      arrows: this.arrows(),
      places: this.places,
      path: this.story.criticalPath,
      range,
      end: this.end(),
      selectedKey: this.selectedKey,
      isFaded: (bar) => !this.matches(bar),
    });
    this.picture.setAttribute("aria-label", `Timeline of ${this.matching.length} bars; the table below holds the same.`);
  }

  /** Load what draws, which is large, when there is something to draw. */
  async open() {
    this.opening ??= import("./timeline_chart.js").then(({ TimelineChart }) => {
      this.areaWidth = TimelineChart.areaWidth;
      return new TimelineChart(this.picture, {
        onSelect: (key) => this.listeners.onSelect(key, null),
        onRange: (range) => this.setRange(range),
      });
    });
    return this.opening;
  }

  /** From the bar that emitted an event, when it did, to where the work began that came of it. */
  arrows() {
    const selected = this.story.barByKey.get(this.selectedKey);
    const chain = selected ? this.story.chainOf(selected) : null;
    const of = (bars) => bars.flatMap((from) => from.emitted.flatMap((event) => event.effects.map((to) => ({ from, to, at: event.at }))));
    const drawn = (arrows) => arrows.filter(({ from, to }) => this.places.rowOf.has(from.key) && this.places.rowOf.has(to.key));
    const all = drawn(of(this.matching));
    if (all.length <= MANY_ARROWS) return all.map((arrow) => ({ ...arrow, strong: Boolean(chain?.has(arrow.from)) }));
    return chain ? drawn(of([...chain])).map((arrow) => ({ ...arrow, strong: true })) : [];
  }

  makeRow(bar) {
    const open = element("button", { type: "button", class: "link", click: (event) => this.listeners.onSelect(bar.key, event.currentTarget) }, bar.name);
    return row(
      { "data-key": bar.key, "aria-selected": String(bar.key === this.selectedKey), "data-kind": kindOf(bar) },
      open,
      bar.item ?? "",
      number(since(bar.put)),
      number(queueWait(bar) || backOff(bar)),
      number(coldStart(bar)),
      number(milliseconds(bar.end - bar.start)),
      element("td", { class: bar.error ? "outcome error" : "outcome" }, outcome(bar)),
    );
  }
}

function columnsOf(one) {
  const right = ["At", "Waited", "Cold start", "Work"].map((title) => ({ title, number: true }));
  return [{ title: "What" }, { title: capital(one) }, ...right, { title: "Outcome" }];
}
