/** A few figures as bars, the last of them marked, as small as a word. */

const SVG = "http://www.w3.org/2000/svg";
const BAR_PX = 4;
const GAP_PX = 1;
const HEIGHT_PX = 16;
const LOWEST_PX = 1.5;

/**
 * @param {number[]} values
 * @param {string} label What they say, for those who cannot see them.
 */
export function sparkline(values, label) {
  const largest = Math.max(...values) || 1;
  const width = values.length * (BAR_PX + GAP_PX);
  const image = make("svg", { class: "sparkline", role: "img", "aria-label": label, width, height: HEIGHT_PX, viewBox: `0 0 ${width} ${HEIGHT_PX}` });
  image.append(make("title", {}, label));
  values.forEach((value, number) => {
    const height = Math.max((value / largest) * HEIGHT_PX, LOWEST_PX);
    image.append(make("rect", { x: number * (BAR_PX + GAP_PX), y: HEIGHT_PX - height, width: BAR_PX, height, class: number === values.length - 1 ? "own" : "" }));
  });
  return image;
}

/** What the last of some durations is beside those before it. @param {number[]} values */
export function trendText(values) {
  const before = values.slice(0, -1);
  if (before.length === 0) return "the first run of its machine";
  const slower = before.filter((value) => value < values.at(-1)).length;
  return `slower than ${slower} of the ${before.length} before it`;
}

function make(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}
