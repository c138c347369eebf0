/** Times as the reader wants to see them: of this machine's clock or in UTC, and how long ago that was. */

import { byId, element, setText } from "./dom.js";

/** The reader's choice, for all pages of this browser. */
const STORED = "zone";
const UTC = "UTC";
const LOCAL = "local";
const TICK_MS = 1000;
const UNITS = [
  ["day", 86_400],
  ["h", 3_600],
  ["min", 60],
];

/** A moment: the time, after its day if that is not today's; its title has all of it. @param {string} iso */
export function moment(iso) {
  const made = element("time", { datetime: iso });
  write(made);
  return made;
}

/** A moment with how long ago it was, which ticks. @param {string} iso */
export function momentAgo(iso) {
  return element("span", { class: "moment" }, moment(iso), " ", element("span", { class: "ago", "data-ago": iso }, agoText(iso, Date.now())));
}

/**
 * How long ago a moment was.
 * @param {string} iso
 * @param {number} now In milliseconds since 1970.
 */
export function agoText(iso, now) {
  const seconds = Math.max(Math.floor((now - Date.parse(iso)) / 1000), 0);
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["s", 1];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${unit === "day" && count > 1 ? "s" : ""} ago`;
}

/**
 * A moment in words.
 * @param {string} iso
 * @param {string} zone `UTC`, or `local`.
 * @param {number} now In milliseconds since 1970.
 */
export function timeText(iso, zone, now) {
  const options = zone === UTC ? { timeZone: UTC } : {};
  const day = (moment) => new Date(moment).toLocaleDateString(undefined, options);
  const time = new Date(iso).toLocaleTimeString(undefined, options);
  return [day(iso) === day(now) ? "" : day(iso), time, zone === UTC ? UTC : ""].filter(Boolean).join(" ");
}

function chosenZone() {
  return localStorage.getItem(STORED) === UTC ? UTC : LOCAL;
}

function write(time) {
  const iso = time.dateTime;
  setText(time, timeText(iso, chosenZone(), Date.now()));
  time.title = `${iso}, ${timeText(iso, LOCAL, Date.now())} here`;
}

function showZone() {
  setText(byId("zone"), `Times: ${chosenZone()}`);
  byId("zone").title = chosenZone() === UTC ? "Show times by this machine's clock" : "Show times in UTC";
  document.querySelectorAll("time").forEach(write);
}

byId("zone").addEventListener("click", () => {
  localStorage.setItem(STORED, chosenZone() === UTC ? LOCAL : UTC);
  showZone();
});
// The choice of one tab is that of all.
addEventListener("storage", ({ key }) => key === STORED && showZone());
showZone();
setInterval(() => {
  if (document.hidden) return;
  for (const one of document.querySelectorAll("[data-ago]")) setText(one, agoText(one.dataset.ago, Date.now()));
}, TICK_MS);
