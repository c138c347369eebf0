/** Tabs by the ARIA pattern: arrow keys, Home and End move between them, and the address remembers which is open. */

/**
 * @param {HTMLElement} list The element with role tablist.
 * @param {(id: string) => void} onShow Called with the id of the panel that is shown.
 * @returns {(id: string) => void} Shows a panel.
 */
export function makeTabs(list, onShow) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const panelOf = (tab) => tab.getAttribute("aria-controls");

  function show(id, { focus = false } = {}) {
    for (const tab of tabs) {
      const shown = panelOf(tab) === id;
      tab.setAttribute("aria-selected", String(shown));
      tab.tabIndex = shown ? 0 : -1;
      document.getElementById(panelOf(tab)).hidden = !shown;
      if (shown && focus) tab.focus();
    }
    history.replaceState(null, "", `?view=${id}`);
    onShow(id);
  }

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(panelOf(tab));
  });
  list.addEventListener("keydown", (event) => {
    const next = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!next) return;
    event.preventDefault();
    const at = tabs.indexOf(document.activeElement) + next;
    const wrapped = Number.isFinite(at) ? (at + tabs.length) % tabs.length : at < 0 ? 0 : tabs.length - 1;
    show(panelOf(tabs[wrapped]), { focus: true });
  });

  const wanted = new URLSearchParams(location.search).get("view");
  show(tabs.some((tab) => panelOf(tab) === wanted) ? wanted : panelOf(tabs[0]));
  return show;
}
