/** The colours of the style sheet, for what is drawn by libraries; they change with the reader's light or dark. */

const DARK = matchMedia("(prefers-color-scheme: dark)");
const NAMES = {
  text: "--text",
  muted: "--muted",
  line: "--line",
  card: "--card",
  lane: "--lane",
  filler: "--filler",
  arrow: "--arrow",
  onBar: "--on-bar",
  state: "--state",
  wait: "--wait",
  cold: "--cold",
  work: "--work",
  side: "--side",
  failed: "--failed",
  aborted: "--aborted",
  done: "--done",
  backOff: "--back-off",
  handBack: "--hand-back",
  waiting: "--waiting",
};

/** @returns {Object<string, string>} */
export function themeColors() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]));
}

/** Whether the reader wants it dark. */
export function isDark() {
  return DARK.matches;
}

/** @param {() => void} listener */
export function onThemeChange(listener) {
  DARK.addEventListener("change", listener);
}
