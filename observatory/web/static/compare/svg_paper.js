/** What a chart draws on instead of a canvas, if it is to be an SVG file: it takes the few calls that the chart makes. */

const SVG = "http://www.w3.org/2000/svg";
const ANCHORS = { left: "start", center: "middle", right: "end" };
const BASELINES = { top: "text-before-edge", middle: "central" };

export class SvgPaper {
  /**
   * @param {number} width In pixels.
   * @param {number} height
   * @param {string} ground Its colour.
   */
  constructor(width, height, ground) {
    this.root = make("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
    this.ruler = document.createElement("canvas").getContext("2d");
    Object.assign(this, { fillStyle: ground, font: "12px sans-serif", textAlign: "left", textBaseline: "top", globalAlpha: 1 });
    this.fillRect(0, 0, width, height);
  }

  fillRect(x, y, width, height) {
    this.root.append(make("rect", { x, y, width, height, fill: this.fillStyle, opacity: this.globalAlpha }));
  }

  fillText(text, x, y) {
    const [anchor, baseline] = [ANCHORS[this.textAlign], BASELINES[this.textBaseline]];
    const written = make("text", { x, y, fill: this.fillStyle, style: `font: ${this.font}`, "text-anchor": anchor, "dominant-baseline": baseline });
    written.textContent = text;
    this.root.append(written);
  }

  measureText(text) {
    this.ruler.font = this.font;
    return this.ruler.measureText(text);
  }

  /** The file. */
  text() {
    return new XMLSerializer().serializeToString(this.root);
  }
}

function make(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
