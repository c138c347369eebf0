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

/**
 * Put other children in the place of an element's own. Those that stay are not touched; where the focus was in one that goes, it
 * is then on what says the same in the one with the same key, or on the first there that can have it.
 * @param {HTMLElement} target
 * @param {HTMLElement[]} children
 */
export function refill(target, children) {
  const focused = target.contains(document.activeElement) ? document.activeElement : null;
  const staying = new Set(children);
  for (const child of [...target.children]) if (!staying.has(child)) child.remove();
  let next = target.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else target.insertBefore(child, next);
  }
  if (focused && focused !== document.activeElement) sameIn(target, focused)?.focus({ preventScroll: true });
}

/** A listener that does something once nothing more is typed for a moment. */
export function afterTyping(act) {
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(act, TYPING_PAUSE_MS);
  };
}

/** What took the place of an element that was in another one; that itself if it is there again. */
function sameIn(target, one) {
  if (target.contains(one)) return one;
  const { key } = one.closest("[data-key]")?.dataset ?? {};
  if (key === undefined) return null;
  const same = `[data-key="${CSS.escape(key)}"]`;
  const controls = [...target.querySelectorAll(`:is(${same}, ${same} *):is(a, button, summary)`)];
  return controls.find((control) => control.textContent === one.textContent) ?? controls[0];
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}
