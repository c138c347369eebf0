/** Tabs by the ARIA pattern: arrow keys, Home and End move between them. */

/**
 * @param {HTMLElement} list The element with role tablist.
 * @param {(id: string) => void} onChoose Called with the id of the panel that the reader wants.
 * @returns {(id: string) => void} Shows a panel; one that there is not is the first.
 */
export function makeTabs(list, onChoose) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const panelOf = (tab) => tab.getAttribute("aria-controls");

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) onChoose(panelOf(tab));
  });
  list.addEventListener("keydown", (event) => {
    const next = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!next) return;
    event.preventDefault();
    const at = tabs.indexOf(document.activeElement) + next;
    const wrapped = Number.isFinite(at) ? (at + tabs.length) % tabs.length : at < 0 ? 0 : tabs.length - 1;
    onChoose(panelOf(tabs[wrapped]));
    tabs[wrapped].focus();
  });

  return (id) => {
    const wanted = tabs.find((tab) => panelOf(tab) === id) ?? tabs[0];
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === wanted));
      tab.tabIndex = tab === wanted ? 0 : -1;
      document.getElementById(panelOf(tab)).hidden = tab !== wanted;
    }
  };
}
