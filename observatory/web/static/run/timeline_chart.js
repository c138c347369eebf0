/** Draws a timeline: it is given what is to be seen and where, and says what was pointed at and which part is shown. */

import * as echarts from "../vendor/echarts.esm.min.js";
import { themeColors } from "../common/theme.js";
import { tickLabel, ticksOf } from "./axis.js";
import { ROW_PX, rowHeight } from "./lanes.js";
import { shapesOf } from "./shapes.js";
import { colorOf } from "./path.js";
import { tipOf, tipOfPath } from "./tip.js";

const BELOW_PX = 48;
const ABOVE_PX = 26;
const RIGHT_PX = 16;
const LABELS_PX = 165;
const NARROW_LABELS_PX = 122;
const NARROW_PX = 600;
const TICK_PX = 90;
/** The strip of the critical path, and the room that it has, in rows. */
const PATH_PX = 9;
export const PATH_ROWS = 0.8;
const FONT = "system-ui, sans-serif";

export class TimelineChart {
  /**
   * @param {HTMLElement} place
   * @param {{onSelect: (key: string) => void, onRange: (range: import("./axis.js").Range) => void}} listeners
   */
  constructor(place, { onSelect, onRange }) {
    this.place = place;
    this.chart = echarts.init(place, null, { renderer: "canvas" });
    this.chart.on("click", ({ seriesId, dataIndex }) => {
      if (seriesId === "bars") onSelect(this.seen.bars[dataIndex].key);
      if (seriesId === "path") onSelect(`state ${this.seen.path[dataIndex].stateId}`);
    });
    this.chart.on("datazoom", () => {
      const { startValue, endValue } = this.chart.getOption().dataZoom[0];
      onRange({ from: startValue, to: endValue });
    });
  }

  /** How many pixels the time axis has. */
  static areaWidth(place) {
    return place.clientWidth - labelsOf(place) - RIGHT_PX;
  }

  /**
   * Draw what is to be seen.
   * @param {object} seen
   * @param {import("./story.js").Bar[]} seen.bars
   * @param {{from: import("./story.js").Bar, to: import("./story.js").Bar, at: number, strong: boolean}[]} seen.arrows
   * @param {{lanes: import("./lanes.js").Lane[], rowOf: Map<string, number>, rows: number}} seen.places
   * @param {{began: number, ended: number}[]} seen.path What is marked as the critical path.
   * @param {import("./axis.js").Range} seen.range
   * @param {number} seen.end Where the whole ends.
   * @param {string | null} seen.selectedKey
   * @param {(bar: import("./story.js").Bar) => boolean} seen.isFaded
   */
  draw(seen) {
    this.seen = seen;
    this.colors = themeColors();
    this.rowHeight = rowHeight(seen.places.rows);
    this.chart.resize();
    this.chart.setOption(this.option(), { replaceMerge: ["series"] });
  }

  /** The same as an SVG file, without the slider. */
  svgText() {
    const file = echarts.init(null, null, { renderer: "svg", ssr: true, width: this.place.clientWidth, height: this.place.clientHeight });
    file.setOption({ ...this.option(), backgroundColor: this.colors.card, dataZoom: [this.option().dataZoom[0]], tooltip: { show: false } });
    const text = file.renderToSVGString();
    file.dispose();
    return text;
  }

  option() {
    const { colors, seen } = this;
    const shown = { startValue: seen.range.from, endValue: seen.range.to, filterMode: "none" };
    return {
      animation: false,
      textStyle: { fontFamily: FONT, color: colors.text },
      grid: { left: labelsOf(this.place), right: RIGHT_PX, top: ABOVE_PX, bottom: BELOW_PX },
      tooltip: {
        trigger: "item",
        confine: true,
        backgroundColor: colors.card,
        borderColor: colors.line,
        textStyle: { color: colors.text },
        formatter: ({ seriesId, dataIndex }) => (seriesId === "bars" ? tipOf(seen.bars[dataIndex]) : seriesId === "path" ? tipOfPath(seen.path[dataIndex]) : ""),
      },
      xAxis: { type: "value", min: 0, max: seen.end, show: false },
      yAxis: { type: "value", min: 0, max: seen.places.rows + PATH_ROWS * (ROW_PX / this.rowHeight), inverse: true, show: false },
      dataZoom: [
        { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, moveOnMouseWheel: false, ...shown },
        { type: "slider", height: 22, bottom: 8, showDataShadow: false, brushSelect: false, ...sliderLook(colors, seen.end), ...shown },
      ],
      series: [this.tickSeries(), this.laneSeries(), this.pathLabelSeries(), this.pathSeries(), this.barSeries(), this.arrowSeries()],
    };
  }

  tickSeries() {
    const most = Math.max(Math.floor(TimelineChart.areaWidth(this.place) / TICK_PX), 2);
    const ticks = ticksOf(this.seen.range, most);
    return series("ticks", ticks.map((at) => [at, 0]), { silent: true, clip: false }, (index, api, { y, height }) => {
      const [x] = api.coord([ticks[index], 0]);
      return [
        { type: "line", z2: -1, shape: { x1: x, x2: x, y1: y, y2: y + height }, style: { stroke: this.colors.line } },
        text(tickLabel(ticks[index], this.seen.range, most), { x, y: y - 12, align: "center", fill: this.colors.muted, font: `11px ${FONT}` }),
      ];
    });
  }

  laneSeries() {
    const { lanes } = this.seen.places;
    const labels = labelsOf(this.place);
    const font = `600 ${labels < LABELS_PX ? 11 : 12}px ${FONT}`;
    const { text: fill } = this.colors;
    return series("lanes", lanes.map((lane) => [0, lane.first]), { silent: true, clip: false }, (index, api, { x, width }) => {
      const lane = lanes[index];
      const top = api.coord([0, lane.first])[1];
      const bottom = api.coord([0, lane.first + lane.rows])[1];
      return [
        { type: "rect", z2: -2, shape: { x, y: top - 2, width, height: bottom - top + 4 }, style: { fill: this.colors.lane } },
        text(lane.name, { x: x - 8, y: (top + bottom) / 2, align: "right", fill, font: lane.sideEffect ? `italic ${font}` : font, width: labels - 14, overflow: "truncate" }),
      ];
    });
  }

  /** Below the lanes: what kept the run from going on, moment by moment, in the colour of what that was. */
  pathSeries() {
    const { path } = this.seen;
    return series("path", path.map(({ began, ended }) => [began, ended]), { clip: true, encode: { x: [0, 1], y: -1 } }, (index, api, area) => {
      const { began, ended, kind } = path[index];
      // Whole pixels: where two meet, it must not matter which is drawn first.
      const [from, to] = [began, ended].map((at) => Math.round(api.coord([at, 0])[0]));
      const shape = clipped(area, from, to, area.y + area.height - PATH_PX, PATH_PX);
      return shape && [{ type: "rect", shape, style: { fill: this.colors[colorOf(kind)] } }];
    });
  }

  /** What the strip is. */
  pathLabelSeries() {
    const labels = labelsOf(this.place);
    return series("path label", [[0, 0]], { silent: true, clip: false }, (_index, _api, { x, y, height }) => [
      text("critical path", { x: x - 8, y: y + height - PATH_PX / 2, align: "right", fill: this.colors.muted, font: `11px ${FONT}`, width: labels - 14 }),
    ]);
  }

  barSeries() {
    const { bars, places } = this.seen;
    const data = bars.map((bar) => [bar.put, bar.end, places.rowOf.get(bar.key)]);
    return series("bars", data, { clip: true, encode: { x: [0, 1], y: 2 } }, (index, api, area) => this.bar(bars[index], api, area));
  }

  bar(bar, api, area) {
    const { colors, seen, rowHeight } = this;
    const top = api.coord([0, api.value(2)])[1];
    const x = (time) => api.coord([time, 0])[0];
    const shapes = shapesOf(bar, { put: x(bar.put), cold: x(bar.cold), start: x(bar.start), end: x(bar.end) }, { top, rowHeight });
    const opacity = seen.isFaded(bar) ? 0.12 : 1;
    const parts = shapes.map(({ kind, from, to, y, height, radius = 2 }) => {
      const shape = clipped(area, from, to, y, height);
      return shape && { type: "rect", shape: { ...shape, r: radius }, style: { fill: colors[kind], opacity: bar.running && kind !== "wait" ? 0.6 * opacity : opacity } };
    });
    if (bar.key === seen.selectedKey) {
      const shape = clipped(area, x(bar.put) - 1, Math.max(x(bar.end), x(bar.put) + 2) + 1, top - 1, rowHeight);
      if (shape) parts.push({ type: "rect", shape, style: { fill: "none", stroke: colors.text, lineWidth: 2 } });
    }
    if (parts.some(Boolean)) parts.push(this.barText(bar, x(bar.start), x(bar.end), top, area, opacity));
    return parts;
  }

  barText(bar, from, to, top, area, opacity) {
    const left = Math.max(from, area.x) + 4;
    const room = Math.min(to, area.x + area.width) - left - 4;
    const needed = bar.error ? 8 : 56;
    if (room < needed || this.rowHeight < ROW_PX) return null;
    const name = bar.kind === "state" ? [bar.name, bar.item].filter(Boolean).join(" · ") : bar.item ?? bar.name;
    const content = `${bar.error ? "✕ " : ""}${bar.number > 1 ? `${bar.number}. ` : ""}${room < 56 ? "" : name}`;
    return text(content, { x: left, y: top + ROW_PX * 0.42, fill: this.colors.onBar, font: `11px ${FONT}`, width: room, overflow: "truncate", opacity });
  }

  arrowSeries() {
    const { arrows, places } = this.seen;
    const data = arrows.map(({ from, to, at }) => [at, to.start, places.rowOf.get(from.key), places.rowOf.get(to.key)]);
    return series("arrows", data, { silent: true, clip: true, z: 3, encode: { x: [0, 1], y: [2, 3] } }, (index, api) =>
      arrow(arrows[index], api, this.colors, this.rowHeight),
    );
  }
}

/** A series of shapes of our own; where there is nothing to draw, what stood there before must go, too. */
function series(id, data, options, make) {
  return {
    id,
    type: "custom",
    progressive: 0,
    encode: { x: -1, y: -1 },
    data,
    ...options,
    renderItem: ({ dataIndex, coordSys }, api) => {
      const children = (make(dataIndex, api, coordSys) || []).filter(Boolean);
      return children.length ? { type: "group", children } : null;
    },
  };
}

function arrow({ at, to, strong }, api, colors, rowHeight) {
  const half = rowHeight * 0.42;
  const [x1, y1] = api.coord([at, api.value(2)]);
  const [x2, y2] = api.coord([to.start, api.value(3)]);
  const [fromY, toY] = [y1 + half, y2 + half];
  const color = strong ? colors.text : colors.arrow;
  const style = { stroke: color, fill: "none", lineWidth: strong ? 1.6 : 1, opacity: strong ? 0.9 : 0.55 };
  const bend = y2 > y1 ? 14 : -14;
  return [
    { type: "bezierCurve", shape: { x1, y1: fromY, x2: x2 - 5, y2: toY, cpx1: x1, cpy1: fromY + bend, cpx2: x1, cpy2: toY }, style },
    { type: "polygon", shape: { points: [[x2, toY], [x2 - 6, toY - 3], [x2 - 6, toY + 3]] }, style: { fill: color, opacity: style.opacity } },
  ];
}

function text(content, style) {
  return { type: "text", silent: true, style: { text: content, verticalAlign: "middle", ...style } };
}

/** A rectangle as far as it lies in the area from left to right; nothing if it does not. */
function clipped(area, from, to, y, height) {
  const shape = echarts.graphic.clipRectByRect({ x: from, y, width: to - from, height }, { ...area, y: -1e6, height: 2e6 });
  return shape && to > from ? shape : null;
}

function labelsOf(place) {
  return place.clientWidth < NARROW_PX ? NARROW_LABELS_PX : LABELS_PX;
}

function sliderLook(colors, end) {
  return {
    borderColor: colors.line,
    backgroundColor: colors.lane,
    fillerColor: colors.filler,
    handleStyle: { color: colors.card, borderColor: colors.muted },
    moveHandleStyle: { color: colors.muted },
    textStyle: { color: colors.muted },
    labelFormatter: (value) => tickLabel(value, { from: 0, to: end }, 100),
  };
}
