/** A button that works: it shows that it does, and cannot be pressed again until it is done. */

/**
 * @template T
 * @param {HTMLButtonElement} button
 * @param {() => Promise<T>} act
 * @returns {Promise<T | undefined>} Nothing if it is at work already.
 */
export async function whileBusy(button, act) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  button.setAttribute("aria-disabled", "true");
  try {
    return await act();
  } finally {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}
