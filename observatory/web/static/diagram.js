/** Pictures of Mermaid text, in the reader's colours; the text never becomes HTML of the page. */

import { element } from "./dom.js";
import { isDark, onThemeChange, themeColors } from "./theme.js";

const SMALLEST_SCALE = 0.75;

let drawn = 0;

/** A place for a picture, which is drawn anew when its text or the theme changes. */
export class Diagram {
  /**
   * @param {HTMLElement} place
   * @param {string} label What the picture shows, for those who cannot see it, and where to read the same.
   */
  constructor(place, label) {
    this.place = place;
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", label);
    place.tabIndex = 0;
    this.text = "";
    onThemeChange(() => this.draw());
  }

  /** @param {string} text Mermaid's. */
  update(text) {
    if (text === this.text) return;
    this.text = text;
    this.draw();
  }

  async draw() {
    const { text } = this;
    const svg = await render(text);
    if (text === this.text) this.place.replaceChildren(svg);
  }
}

async function render(text) {
  mermaid.initialize(configuration());
  drawn += 1;
  try {
    const { svg } = await mermaid.render(`diagram-${drawn}`, text);
    const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    root.removeAttribute("role");
    root.setAttribute("aria-hidden", "true");
    const drawing = document.importNode(root, true);
    // Where there is too little room, it is better to scroll than to read small letters.
    drawing.style.minWidth = `${SMALLEST_SCALE * drawing.viewBox.baseVal.width}px`;
    return drawing;
  } catch (error) {
    return element("pre", {}, text);
  }
}

function configuration() {
  const colors = themeColors();
  return {
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    // Labels as SVG text: a picture needs no HTML inside.
    htmlLabels: false,
    flowchart: { htmlLabels: false, curve: "basis", nodeSpacing: 30, rankSpacing: 32 },
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
