/** How far a run is: its states outside of any other one by one, and the items of its Maps. */

/**
 * @param {import("./story.js").Story} story
 * @returns {{name: string, type: string, status: string, took: number}[]}
 */
export function stepsOf(story) {
  return story.states
    .filter((state) => state.parent === null)
    .map((state) => ({ ...state, began: state.entered, took: (state.ended ?? story.ended) - state.entered }));
}

/**
 * The items of a Map in its last try, by its name; those of one inside another name the item around them, too.
 * @param {import("./story.js").Story} story
 * @returns {{map: string, title: string, one: string, result: string | null, items: object[]}[]}
 */
export function itemsByMap(story) {
  const byMap = Map.groupBy(story.items, (item) => item.map);
  return [...byMap].map(([map, items]) => {
    const words = story.words.items[map] ?? { one: "item", many: "items" };
    return {
      map,
      title: words.many,
      one: words.one,
      result: words.result ? words.result_title ?? words.result : null,
      items: items.filter((item) => story.isLastItem(item)).map((item) => ({
        ...item,
        began: item.started,
        title: [item.within, item.name].filter(Boolean).join(" › "),
        took: (item.ended ?? story.ended) - item.started,
      })),
    };
  });
}
