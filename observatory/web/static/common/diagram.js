/** Pictures of Mermaid text, in the reader's colours; the text never becomes HTML of the page. */

import { element } from "./dom.js";
import { separateLabels } from "./labels.js";
import { save, svgText } from "./saving.js";
import { isDark, onThemeChange, themeColors } from "./theme.js";

const SMALLEST_SCALE = 0.75;
const SMALLEST_LYING_SCALE = 0.68;
/** Where there is room for it, a workflow is read from left to right. */
const WIDE = matchMedia("(min-width: 60rem)");

let drawn = 0;
let library = null;

/** A place for a picture, which is drawn anew when its text or the theme changes. */
export class Diagram {
  /**
   * @param {HTMLElement} place
   * @param {string} label What the picture shows, for those who cannot see it, and where to read the same.
   * @param {{lies?: boolean, choiceOf?: (part: string | number, text: string) => {key: string, name: string} | null, onSelect?: (key: string, shape: SVGElement) => void}} [options]
   *   Whether it lies on its side where that fits; what is chosen by a node, which is given by its id in the text, or by an
   *   edge, which is given by its number, and what that is called of which the picture says no more than a text.
   */
  constructor(place, label, { lies = false, choiceOf = null, onSelect = () => {} } = {}) {
    this.choiceOf = choiceOf;
    this.onSelect = onSelect;
    this.place = place;
    this.lies = lies;
    // Of an image nothing could be chosen.
    place.setAttribute("role", choiceOf ? "group" : "img");
    place.setAttribute("aria-label", label);
    place.tabIndex = 0;
    this.text = "";
    onThemeChange(() => this.draw());
    if (lies) WIDE.addEventListener("change", () => this.draw());
  }

  /**
   * @param {string} text Mermaid's.
   * @returns {Promise<void>} When it is drawn.
   */
  async update(text) {
    if (text === this.text) return;
    this.text = text;
    await this.draw();
  }

  async draw() {
    const { text } = this;
    const drawing = (await this.drawLying(text)) ?? (await render(text));
    if (text !== this.text) return;
    if (this.choiceOf) this.listen(drawing);
    const { key } = this.place.contains(document.activeElement) ? document.activeElement.dataset : {};
    this.place.replaceChildren(drawing);
    if (key) this.place.querySelector(`[data-key="${CSS.escape(key)}"][tabindex]`)?.focus({ preventScroll: true });
    if (drawing instanceof SVGSVGElement) separateLabels(drawing);
  }

  /** Save it as a file. */
  save(name) {
    const drawing = this.place.querySelector("svg");
    if (drawing) save(svgText(drawing), name);
  }

  /** Let its nodes and edges be chosen, with the mouse or the keyboard. */
  listen(drawing) {
    drawing.removeAttribute("aria-hidden");
    for (const [part, shape] of shapesOf(drawing)) {
      const choice = this.choiceOf(part, textOf(shape));
      if (!choice) continue;
      const choose = (event) => {
        event.preventDefault();
        event.stopPropagation();
        this.onSelect(choice.key, shape);
      };
      shape.classList.add("chooses");
      shape.dataset.key = choice.key;
      shape.addEventListener("click", choose);
      // The label of an edge is enough to get to.
      if (shape instanceof SVGPathElement) continue;
      for (const [name, value] of Object.entries({ role: "button", tabindex: 0, "aria-label": choice.name })) shape.setAttribute(name, value);
      shape.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") choose(event);
      });
    }
  }

  /** The picture on its side; nothing if that is not wanted, or if it would have to be scrolled. */
  async drawLying(text) {
    if (!this.lies || !WIDE.matches) return null;
    const drawing = await render(text.replace(/^flowchart TB/, "flowchart LR"), SMALLEST_LYING_SCALE);
    return Number.parseFloat(drawing.style.minWidth) <= this.place.clientWidth ? drawing : null;
  }
}

/** Load what draws, which is large, when there is something to draw. */
function loadMermaid() {
  library ??= new Promise((resolve, reject) => {
    const script = element("script", { src: "/static/vendor/mermaid.tiny.js", load: resolve, error: () => reject(new Error("Mermaid could not be loaded")) });
    document.head.append(script);
  });
  return library;
}

async function render(text, smallest = SMALLEST_SCALE) {
  await loadMermaid();
  mermaid.initialize(configuration());
  drawn += 1;
  try {
    const { svg } = await mermaid.render(`diagram-${drawn}`, text);
    const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    for (const name of ["role", "aria-roledescription"]) root.removeAttribute(name);
    root.setAttribute("aria-hidden", "true");
    const drawing = document.importNode(root, true);
    separateLines(drawing);
    // Where there is too little room, it is better to scroll than to read small letters.
    drawing.style.minWidth = `${smallest * drawing.viewBox.baseVal.width}px`;
    return drawing;
  } catch (error) {
    return element("pre", {}, text);
  }
}

/** The shapes of a drawing: nodes and frames with their ids in the text, edges and their labels with their numbers. */
function shapesOf(drawing) {
  const nodes = [...drawing.querySelectorAll(".node, .cluster")].map((shape) => [shape.id.match(/(?:^|-)([a-z]\d+)(?:-\d+)?$/)?.[1], shape]);
  const edges = [".edgePaths > path", ".edgeLabels > .edgeLabel"].flatMap((those) => [...drawing.querySelectorAll(those)].map((shape, number) => [number, shape]));
  return [...nodes.filter(([id]) => id), ...edges];
}

/** Put a space between the lines of texts, which is not seen, so that they are read as words of their own. */
function separateLines(drawing) {
  for (const line of drawing.querySelectorAll(".text-outer-tspan:not(:last-child)")) {
    const space = document.createElementNS(line.namespaceURI, "tspan");
    space.setAttribute("font-size", 0);
    space.textContent = " ";
    line.after(space);
  }
}

function textOf(shape) {
  return shape.textContent.replace(/\s+/g, " ").trim();
}

function configuration() {
  const colors = themeColors();
  return {
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    // Labels as SVG text: a picture needs no HTML inside.
    htmlLabels: false,
    flowchart: { htmlLabels: false, curve: "basis", nodeSpacing: 30, rankSpacing: 32, subGraphTitleMargin: { top: 4, bottom: 14 } },
    theme: "base",
    fontFamily: "system-ui, sans-serif",
    themeVariables: {
      darkMode: isDark(),
      fontSize: "14px",
      background: colors.card,
      primaryColor: colors.lane,
      primaryTextColor: colors.text,
      primaryBorderColor: colors.muted,
      lineColor: colors.muted,
      textColor: colors.text,
      titleColor: colors.text,
      edgeLabelBackground: colors.card,
      clusterBkg: colors.card,
      clusterBorder: colors.line,
    },
  };
}
