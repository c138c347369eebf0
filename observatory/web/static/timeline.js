/** The timeline of a run: a lane a function, a bar an invocation, arrows along the causes; and the same as a table. */

import * as echarts from "./vendor/echarts.esm.min.js";
import { element } from "./dom.js";
import { milliseconds, since } from "./format.js";
import { number, pagedTable, row } from "./paging.js";
import { onThemeChange, themeColors } from "./theme.js";

const ROW_PX = 18;
const BAR_PER_ROW = 0.84;
/** Rows of more concurrency than fits get thinner; no browser has a canvas of any height. */
const TALLEST_PX = 2000;
const LANE_GAP_ROWS = 0.6;
const BELOW_PX = 74;
const LABELS_PX = 165;
const NARROW_LABELS_PX = 122;
const NARROW_PX = 600;
/** So many arrows still help; of more, those of the person or the bar that was chosen are shown. */
const MANY_ARROWS = 150;
const TEXT_PX = 56;
const ZOOM_FACTOR = 2;

export class Timeline {
  /**
   * @param {HTMLElement} picture
   * @param {HTMLElement} table
   * @param {(bar: import("./story.js").Bar, opener: HTMLElement | null) => void} onSelect
   */
  constructor(picture, table, onSelect) {
    this.picture = picture;
    this.onSelect = onSelect;
    this.person = "";
    this.selectedKey = null;
    this.chart = null;
    this.width = 0;
    this.table = pagedTable(table, "Invocations and tasks in the order of time", COLUMNS, (bar) => this.makeRow(bar));
    new ResizeObserver(() => this.resize()).observe(picture);
    onThemeChange(() => this.draw());
  }

  /** @param {import("./story.js").Story} story */
  update(story) {
    this.story = story;
    this.bars = [...story.bars].sort((one, other) => one.put - other.put);
    this.arrange();
    this.draw();
    this.table.refresh(this.matching);
  }

  /** Show one person only; an empty name is everyone, and a part of a name is all whose name has it. */
  filter(person) {
    this.person = person.trim().toLowerCase();
    if (!this.story) return;
    this.arrange();
    this.draw();
    this.table.replace(this.matching);
  }

  /** Give the bars their rows: all of them, to show one person among the others, unless these leave no room. */
  arrange() {
    this.matching = this.bars.filter((bar) => this.matches(bar));
    this.drawn = this.bars;
    this.lanes = packLanes(this.bars, this.story.machine);
    if (this.lanes.rows * ROW_PX <= TALLEST_PX) return;
    this.drawn = this.matching;
    this.lanes = packLanes(this.matching, this.story.machine);
  }

  /** @param {import("./story.js").Bar | null} bar */
  select(bar) {
    this.selectedKey = bar?.key ?? null;
    this.draw();
    for (const made of this.table.target.children) made.setAttribute("aria-selected", String(made.dataset.key === this.selectedKey));
  }

  /** Zoom in around the middle of what is shown, or out. */
  zoom(inwards) {
    const { start, end } = this.chart.getOption().dataZoom[0];
    const half = ((end - start) / 2) * (inwards ? 1 / ZOOM_FACTOR : ZOOM_FACTOR);
    const middle = (start + end) / 2;
    this.showRange(Math.max(middle - half, 0), Math.min(middle + half, 100));
  }

  /** Show the whole run, or the part of it that a person was in. */
  fit() {
    this.showRange(0, 100);
  }

  showRange(start, end) {
    this.chart.dispatchAction({ type: "dataZoom", start, end });
  }

  matches(bar) {
    return !this.person || (bar.person ?? "").toLowerCase().includes(this.person);
  }

  /** Draw again if there is more room now, or less. */
  resize() {
    if (this.picture.clientWidth !== this.width) this.draw();
  }

  /** Draw all of it; ECharts finds out what is new. */
  draw() {
    if (!this.story || this.picture.clientWidth === 0) return;
    this.width = this.picture.clientWidth;
    const height = Math.round(this.lanes.rows * this.rowHeight() + BELOW_PX);
    this.picture.style.height = `${height}px`;
    if (!this.chart) this.open();
    this.chart.resize();
    this.colors = themeColors();
    this.chart.setOption(this.option());
    this.picture.setAttribute("aria-label", `Timeline of ${this.matching.length} bars; the table below holds the same.`);
  }

  open() {
    this.chart = echarts.init(this.picture, null, { renderer: "canvas" });
    this.chart.on("click", ({ seriesId, dataIndex }) => {
      if (seriesId === "bars") this.onSelect(this.drawn[dataIndex], null);
    });
  }

  rowHeight() {
    return Math.min(ROW_PX, TALLEST_PX / this.lanes.rows);
  }

  option() {
    const colors = this.colors;
    const labels = this.picture.clientWidth < NARROW_PX ? NARROW_LABELS_PX : LABELS_PX;
    const last = this.bars.reduce((latest, bar) => Math.max(latest, bar.end), 1);
    return {
      animation: false,
      textStyle: { fontFamily: "system-ui, sans-serif", color: colors.text },
      grid: { left: labels, right: 16, top: 26, bottom: BELOW_PX - 26 },
      tooltip: {
        trigger: "item",
        confine: true,
        backgroundColor: colors.card,
        borderColor: colors.line,
        textStyle: { color: colors.text },
        formatter: ({ seriesId, dataIndex }) => (seriesId === "bars" ? describe(this.drawn[dataIndex]) : ""),
      },
      xAxis: {
        type: "value",
        min: 0,
        max: last,
        position: "top",
        axisLabel: { formatter: (value) => `${(value / 1000).toFixed(2)} s`, color: colors.muted, hideOverlap: true },
        splitLine: { lineStyle: { color: colors.line } },
        axisLine: { show: false },
      },
      yAxis: { type: "value", min: 0, max: this.lanes.rows, inverse: true, show: false },
      dataZoom: [
        { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, moveOnMouseWheel: false, filterMode: "none" },
        { type: "slider", height: 22, bottom: 8, filterMode: "none", showDataShadow: false, brushSelect: false, ...sliderColors(colors) },
      ],
      series: [this.laneSeries(labels), this.barSeries(), this.arrowSeries()],
    };
  }

  laneSeries(labels) {
    const { colors } = this;
    const { lanes } = this.lanes;
    return {
      id: "lanes",
      type: "custom",
      silent: true,
      clip: false,
      data: lanes.map((lane) => [0, lane.first, lane.rows]),
      encode: { x: -1, y: -1 },
      renderItem: (params, api) => {
        const lane = lanes[params.dataIndex];
        const { x, width } = params.coordSys;
        const top = api.coord([0, lane.first])[1];
        const bottom = api.coord([0, lane.first + lane.rows])[1];
        return {
          type: "group",
          children: [
            { type: "rect", z2: -2, shape: { x, y: top - 2, width, height: bottom - top + 4 }, style: { fill: colors.lane } },
            {
              type: "text",
              style: {
                text: lane.name,
                x: x - 8,
                y: (top + bottom) / 2,
                align: "right",
                verticalAlign: "middle",
                fill: lane.sideEffect ? colors.side : colors.text,
                font: `600 ${labels < LABELS_PX ? 11 : 12}px system-ui, sans-serif`,
                width: labels - 14,
                overflow: "truncate",
              },
            },
          ],
        };
      },
    };
  }

  barSeries() {
    const { drawn } = this;
    return {
      id: "bars",
      type: "custom",
      progressive: 0,
      data: drawn.map((bar) => [bar.put, bar.end, this.lanes.rowOf.get(bar.key)]),
      encode: { x: [0, 1], y: 2 },
      clip: true,
      renderItem: (params, api) => this.renderBar(api, drawn[params.dataIndex], params.coordSys),
    };
  }

  renderBar(api, bar, area) {
    const height = this.rowHeight() * BAR_PER_ROW;
    const [left, top] = api.coord([bar.put, api.value(2)]);
    const x = (time) => api.coord([time, 0])[0];
    const faded = this.person && !this.matches(bar);
    const selected = bar.key === this.selectedKey;
    const color = colorOf(bar, this.colors);
    const part = (from, to, fill) => rectangle(area, x(from), x(to), top, height, { fill });
    const parts = [
      part(bar.put, bar.cold, this.colors.wait),
      part(bar.cold, bar.start, this.colors.cold),
      rectangle(area, x(bar.start), Math.max(x(bar.end), x(bar.start) + (bar.error ? 5 : 2)), top, height, {
        fill: color,
        opacity: bar.running ? 0.6 : 1,
      }),
      selected && rectangle(area, left - 1, Math.max(x(bar.end), left + 2) + 1, top - 1, height + 2, { fill: "none", stroke: this.colors.text, lineWidth: 2 }),
      this.barText(bar, x(bar.start), x(bar.end), top, height, area),
    ];
    return { type: "group", children: parts.filter(Boolean).map((one) => ({ ...one, style: { ...one.style, opacity: faded ? 0.12 : one.style.opacity ?? 1 } })) };
  }

  barText(bar, from, to, top, height, area) {
    const left = Math.max(from, area.x) + 4;
    const room = Math.min(to, area.x + area.width) - left - 4;
    if (room < TEXT_PX || this.rowHeight() < ROW_PX) return null;
    const text = bar.kind === "state" ? [bar.name, bar.person].filter(Boolean).join(" · ") : bar.person ?? bar.name;
    return {
      type: "text",
      silent: true,
      style: { text, x: left, y: top + height / 2, verticalAlign: "middle", fill: this.colors.onBar, font: "11px system-ui, sans-serif", width: room, overflow: "truncate" },
    };
  }

  arrowSeries() {
    const arrows = this.arrows();
    return {
      id: "arrows",
      type: "custom",
      progressive: 0,
      silent: true,
      clip: true,
      z: 3,
      data: arrows.map(({ from, to, at }) => [at, to.start, this.lanes.rowOf.get(from.key), this.lanes.rowOf.get(to.key)]),
      encode: { x: [0, 1], y: [2, 3] },
      renderItem: (params, api) => this.renderArrow(api, arrows[params.dataIndex]),
    };
  }

  /** From the bar that emitted an event, when it did, to where the work began that came of it. */
  arrows() {
    const selected = this.story.barByKey.get(this.selectedKey);
    const chain = selected ? this.story.chainOf(selected) : null;
    const of = (bars) => bars.flatMap((from) => from.emitted.flatMap((event) => event.effects.map((to) => ({ from, to, at: event.at }))));
    const all = of(this.matching);
    if (all.length <= MANY_ARROWS) return all.map((arrow) => ({ ...arrow, strong: chain?.has(arrow.from) }));
    return chain ? of([...chain]).map((arrow) => ({ ...arrow, strong: true })) : [];
  }

  renderArrow(api, arrow) {
    const half = (this.rowHeight() * BAR_PER_ROW) / 2;
    const [x1, y1] = api.coord([arrow.at, api.value(2)]);
    const [x2, y2] = api.coord([arrow.to.start, api.value(3)]);
    const down = y2 > y1;
    const [fromY, toY] = [y1 + half, y2 + half];
    const color = arrow.strong ? this.colors.text : this.colors.arrow;
    const style = { stroke: color, fill: "none", lineWidth: arrow.strong ? 1.6 : 1, opacity: arrow.strong ? 0.9 : 0.55 };
    const bend = down ? 14 : -14;
    return {
      type: "group",
      children: [
        { type: "bezierCurve", shape: { x1, y1: fromY, x2: x2 - 5, y2: toY, cpx1: x1, cpy1: fromY + bend, cpx2: x1, cpy2: toY }, style },
        { type: "polygon", shape: { points: [[x2, toY], [x2 - 6, toY - 3], [x2 - 6, toY + 3]] }, style: { fill: color, opacity: style.opacity } },
      ],
    };
  }

  makeRow(bar) {
    const open = element("button", { type: "button", class: "link", click: (event) => this.onSelect(bar, event.currentTarget) }, bar.name);
    return row(
      { "data-key": bar.key, "aria-selected": String(bar.key === this.selectedKey), "data-kind": kindOf(bar) },
      open,
      bar.person ?? "",
      number(since(bar.put)),
      number(queueWait(bar)),
      number(bar.cold < bar.start ? milliseconds(bar.start - bar.cold) : ""),
      number(milliseconds(bar.end - bar.start)),
      element("td", { class: bar.error ? "outcome error" : "outcome" }, outcome(bar)),
    );
  }
}

const COLUMNS = [
  { title: "What" },
  { title: "Person" },
  { title: "At", number: true },
  { title: "Queue wait", number: true },
  { title: "Cold start", number: true },
  { title: "Work", number: true },
  { title: "Outcome" },
];

/** How long an event waited for its function; nothing where that is not known. */
export function queueWait(bar) {
  return bar.cause ? milliseconds(bar.cold - bar.put) : "";
}

/** What became of a bar, in words. */
export function outcome(bar) {
  if (bar.error) return `failed: ${bar.error}`;
  if (bar.running) return "running";
  return bar.sideEffect ? "done, side effect" : "done";
}

/** What a bar is, as the legend has it. */
export function kindOf(bar) {
  if (bar.error) return "failed";
  if (bar.kind === "state") return "state";
  return bar.sideEffect ? "side" : "work";
}

function colorOf(bar, colors) {
  return colors[kindOf(bar)];
}

function rectangle(area, from, to, y, height, style) {
  const shape = echarts.graphic.clipRectByRect({ x: from, y, width: to - from, height }, { ...area, y: -1e6, height: 2e6 });
  return shape && to > from ? { type: "rect", shape: { ...shape, r: 2 }, style } : null;
}

/** Give every bar, in the order of time, a row of its lane, so that none hides another. */
function packLanes(bars, machine) {
  const byLane = new Map([[machine, []]]);
  for (const bar of bars) {
    if (!byLane.has(bar.lane)) byLane.set(bar.lane, []);
    byLane.get(bar.lane).push(bar);
  }
  const lanes = [];
  const rowOf = new Map();
  let first = 0;
  for (const [name, members] of byLane) {
    const ends = [];
    for (const bar of members) {
      const free = ends.findIndex((end) => end <= bar.put);
      const place = free < 0 ? ends.length : free;
      ends[place] = bar.end;
      rowOf.set(bar.key, first + place);
    }
    lanes.push({ name, first, rows: ends.length, sideEffect: members.some((bar) => bar.sideEffect) });
    first += ends.length + LANE_GAP_ROWS;
  }
  return { lanes, rowOf, rows: first };
}

/** An element, not HTML: names in events stay text. */
function describe(bar) {
  const lines = [
    element("strong", {}, [bar.name, bar.person].filter(Boolean).join(" for ")),
    `put ${since(bar.put)}`,
    bar.cause ? `queue wait ${queueWait(bar)}` : null,
    bar.cold < bar.start ? `cold start ${milliseconds(bar.start - bar.cold)}` : null,
    `${bar.kind === "state" ? "took" : "work"} ${milliseconds(bar.end - bar.start)}`,
    outcome(bar),
  ];
  return element("div", { class: "tip" }, ...lines.filter(Boolean).map((line) => element("div", {}, line)));
}

function sliderColors(colors) {
  return {
    borderColor: colors.line,
    backgroundColor: colors.lane,
    fillerColor: colors.filler,
    handleStyle: { color: colors.card, borderColor: colors.muted },
    moveHandleStyle: { color: colors.muted },
    textStyle: { color: colors.muted },
    labelFormatter: (value) => `${(value / 1000).toFixed(2)} s`,
  };
}

