/** Draws two timelines over each other; what a bar is, it says under the pointer. */

import { seconds } from "../common/format.js";
import { onThemeChange, themeColors } from "../common/theme.js";
import { tickLabel, ticksOf } from "../run/axis.js";
import { barsOf, layOut, rowAt, rowHeight, ROW_PX } from "./layout.js";
import { SvgPaper } from "./svg_paper.js";

const TOP_PX = 24;
const LABELS_PX = 170;
const NARROW_LABELS_PX = 110;
const NARROW_PX = 600;
const RIGHT_PX = 24;
const TICK_PX = 90;
const THINNEST_PX = 1.5;
const FONT = "system-ui, sans-serif";

export class OverlayChart {
  /** @param {HTMLElement} place With a canvas and a line for what is under the pointer. */
  constructor(place) {
    this.place = place;
    this.canvas = place.querySelector("canvas");
    this.tip = place.querySelector(".tip");
    this.layout = null;
    onThemeChange(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(place);
    place.addEventListener("pointermove", (event) => this.point(event));
    place.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  /** @param {import("./layout.js").Part[]} parts */
  show(parts) {
    this.layout = layOut(parts);
    this.draw();
  }

  draw() {
    if (!this.layout || this.place.clientWidth === 0) return;
    const { height: rows } = this.layout;
    this.row = rowHeight(rows);
    this.width = this.place.clientWidth;
    this.left = this.width < NARROW_PX ? NARROW_LABELS_PX : LABELS_PX;
    this.height = TOP_PX + rows * this.row + 8;
    const scale = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: this.width * scale, height: this.height * scale });
    Object.assign(this.canvas.style, { width: `${this.width}px`, height: `${this.height}px` });
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    this.drawOn(context, themeColors());
  }

  /** The same as an SVG file. */
  svgText() {
    const colors = themeColors();
    const paper = new SvgPaper(this.width, this.height, colors.card);
    this.drawOn(paper, colors);
    return paper.text();
  }

  /** @param {CanvasRenderingContext2D | SvgPaper} context */
  drawOn(context, colors) {
    const { blocks, rows, end } = this.layout;
    this.drawTicks(context, colors, end * 1000, this.height);
    for (const block of blocks) this.drawBlock(context, colors, block);
    for (const { part, at } of rows) this.drawRow(context, colors, part, at);
  }

  /** Where a moment of the runs is, in pixels. */
  x(at) {
    return this.left + (at / this.layout.end) * (this.width - this.left - RIGHT_PX);
  }

  y(row) {
    return TOP_PX + row * this.row;
  }

  drawTicks(context, colors, end, height) {
    const range = { from: 0, to: end };
    const most = Math.max(Math.floor((this.width - this.left - RIGHT_PX) / TICK_PX), 2);
    Object.assign(context, { font: `11px ${FONT}`, textAlign: "center", textBaseline: "middle" });
    for (const tick of ticksOf(range, most)) {
      const x = this.x(tick / 1000);
      context.fillStyle = colors.line;
      context.fillRect(x, TOP_PX - 4, 1, height - TOP_PX);
      context.fillStyle = colors.muted;
      context.fillText(tickLabel(tick, range, most), x, TOP_PX / 2);
    }
  }

  drawBlock(context, colors, { name, first, rows }) {
    context.fillStyle = colors.lane;
    context.globalAlpha = 0.6;
    context.fillRect(this.left, this.y(first) - 2, this.width - this.left - RIGHT_PX, rows * this.row + 3);
    context.globalAlpha = 1;
    Object.assign(context, { fillStyle: colors.text, font: `600 12px ${FONT}`, textAlign: "right", textBaseline: "top" });
    context.fillText(fitting(context, name, this.left - 14), this.left - 8, this.y(first) + (Math.min(this.row, ROW_PX) - 12) / 2);
  }

  drawRow(context, colors, part, at) {
    for (const bar of barsOf(part)) {
      const x = this.x(bar.began);
      context.fillStyle = colors[bar.kind];
      context.fillRect(x, this.y(at + bar.top), Math.max(this.x(bar.ended) - x, THINNEST_PX), bar.height * this.row);
    }
  }

  point({ clientX, clientY }) {
    if (!this.layout) return;
    const box = this.canvas.getBoundingClientRect();
    const found = rowAt(this.layout.rows, (clientY - box.top - TOP_PX) / this.row);
    this.tip.hidden = !found;
    if (!found) return;
    this.tip.textContent = tipOf(found.part);
    const room = this.width - this.tip.offsetWidth - 8;
    Object.assign(this.tip.style, { left: `${Math.max(Math.min(clientX - box.left + 12, room), 8)}px`, top: `${clientY - box.top + 14}px` });
  }
}

/** What a row is about, and how long it took. */
function tipOf({ name, item, change, before, after }) {
  const took = [before, after].map((span) => (span ? seconds(span.seconds) : "none")).join(" → ");
  return `${[name, item].filter(Boolean).join(" for ")}: ${took}${change === "same" ? "" : `, ${change}`}`;
}

function fitting(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return `${text.slice(0, end)}…`;
}
