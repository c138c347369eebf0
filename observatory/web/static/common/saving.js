/** Saves a picture as an SVG file that looks elsewhere as it does here. */

import { element } from "./dom.js";
import { themeColors } from "./theme.js";

const SVG = "http://www.w3.org/2000/svg";
/** What the style sheet may say of a shape or a text, and what a file has to say itself. */
const LOOKS = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "marker-end"];

/** The text of an SVG file with what an element of the page shows. @param {SVGSVGElement} drawing */
export function svgText(drawing) {
  const copy = drawing.cloneNode(true);
  const [shown, written] = [drawing, copy].map((root) => [...root.querySelectorAll("*")]);
  shown.forEach((shape, number) => {
    const style = getComputedStyle(shape);
    for (const look of LOOKS) written[number].style?.setProperty(look, style.getPropertyValue(look));
  });
  // Nothing can be chosen in a file.
  for (const name of ["role", "tabindex", "data-key"]) copy.querySelectorAll(".chooses").forEach((shape) => shape.removeAttribute(name));
  const { x, y, width, height } = drawing.viewBox.baseVal;
  copy.setAttribute("xmlns", SVG);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.removeAttribute("style");
  const ground = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height, fill: themeColors().card })) ground.setAttribute(name, value);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

/** Let the reader save a text as a file. */
export function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  element("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
