/** Moves the labels of a picture's edges along these, or beside them, until none lies on another one or on a node. */

/** Where on its edge a label may be, as shares of that: the nearest to the middle first. */
const PLACES = Array.from({ length: 33 }, (_, number) => 0.5 + (number % 2 ? 1 : -1) * Math.ceil(number / 2) * 0.025);
/** And how far beside it where it has no room, in heights of the label. */
const BESIDE = [0, -0.75, 0.75, -1.5, 1.5];
const MARGIN_PX = 2;

/**
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 *
 * @param {SVGSVGElement} svg A flowchart as Mermaid draws it, in the page.
 */
export function separateLabels(svg) {
  if (!svg.getScreenCTM() || svg.clientWidth === 0) return;
  const taken = [...svg.querySelectorAll(".node, .cluster-label")].map((one) => one.getBoundingClientRect());
  for (const label of svg.querySelectorAll(".edgeLabel")) {
    const path = pathOf(svg, label);
    const size = label.getBoundingClientRect();
    if (!path || size.width === 0) continue;
    const height = size.height / path.getScreenCTM().d;
    const along = PLACES.map((share) => path.getPointAtLength(share * path.getTotalLength()));
    const places = [null, ...BESIDE.flatMap((beside) => along.map(({ x, y }) => new DOMPoint(x, y + beside * height)))];
    const boxes = places.map((point) => (point ? boxAt(path, point, size) : grown(size)));
    const best = leastCovered(boxes, taken);
    if (places[best]) label.setAttribute("transform", `translate(${places[best].x}, ${places[best].y})`);
    taken.push(boxes[best]);
  }
}

/**
 * Which of some boxes covers the least of others; the first of those that cover nothing.
 * @param {Box[]} boxes
 * @param {Box[]} others
 */
export function leastCovered(boxes, others) {
  const covered = boxes.map((box) => others.reduce((sum, other) => sum + common(box, other), 0));
  return covered.indexOf(Math.min(...covered));
}

/** The area that two boxes share. */
export function common(one, other) {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return Math.max(width, 0) * Math.max(height, 0);
}

function pathOf(svg, label) {
  const id = label.querySelector("[data-id]")?.dataset.id;
  return id ? svg.querySelector(`.edgePaths path[data-id="${CSS.escape(id)}"]`) : null;
}

/** The box of a label whose middle is at a point of its path. */
function boxAt(path, point, { width, height }) {
  const { x, y } = point.matrixTransform(path.getScreenCTM());
  return grown({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 });
}

function grown({ left, top, right, bottom }) {
  return { left: left - MARGIN_PX, top: top - MARGIN_PX, right: right + MARGIN_PX, bottom: bottom + MARGIN_PX };
}
