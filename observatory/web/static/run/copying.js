/** A button that copies a text, and says so. */

import { element } from "../common/dom.js";

const SAID_MS = 2000;

/** @param {string | (() => string)} text What is copied, or what gives it. */
export function copyButton(text) {
  const copy = async ({ currentTarget }) => {
    await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
    currentTarget.textContent = "Copied";
    setTimeout(() => (currentTarget.textContent = "Copy"), SAID_MS);
  };
  return element("button", { type: "button", class: "small", click: copy }, "Copy");
}
