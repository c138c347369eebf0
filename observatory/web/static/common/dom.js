/** Builds what is shown. Text is only ever set as text, so nothing of an event is taken for HTML. */

const TYPING_PAUSE_MS = 150;

/**
 * Make an element.
 * @param {string} tag
 * @param {Object<string, unknown>} [attributes] Functions are listeners; false and null are left out.
 * @param {...(Node | string | number | null)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map(asNode));
  return made;
}

/** The element with an id; the templates have every one that is asked for. */
export function byId(id) {
  return document.getElementById(id);
}

/** Set an element's text, unless it is that already: screen readers read out what is set. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** A listener that does something once nothing more is typed for a moment. */
export function afterTyping(act) {
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(act, TYPING_PAUSE_MS);
  };
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}
