/** The page of the architecture, as it is wired and as the recorded events show it. */

import { get } from "../common/api.js";
import { byId } from "../common/dom.js";
import { DeadLetters } from "../common/dead_letters.js";
import { Diagram } from "../common/diagram.js";
import { follow } from "../common/live.js";
import { number, pagedTable, row } from "../common/paging.js";
import { clear, report } from "../common/messages.js";
import { refresher } from "../common/refreshing.js";

const diagram = new Diagram(byId("architecture-picture"), "Sources, rules, functions, machines and the bucket; the tables below hold the same.");
const letters = new DeadLetters(byId("dead-letters"));
let tables = null;
let pictures = null;

/** Draw it with the rules of the bus, or with what they bring about only. */
function drawPicture() {
  return diagram.update(byId("with-rules").checked ? pictures.wholeDiagram : pictures.diagram);
}

/** Nothing stands where a table is to be until there is something to fill it with. */
function makeTables() {
  const figures = [{ title: "Count", number: true }, { title: "Per minute", number: true }];
  return {
    edges: pagedTable(byId("edges"), "Who sends what to whom", [{ title: "From" }, { title: "To" }, { title: "Detail type" }, ...figures], (edge) =>
      row({}, edge.from, edge.to, typeOf(edge), number(edge.count ?? ""), number(edge.perMinute ?? "")),
    ),
    nodes: pagedTable(byId("nodes"), "Parts of the system", [{ title: "Name" }, { title: "Kind" }, { title: "Invocations", number: true }, { title: "Failed", number: true }], (node) =>
      row({}, node.name, node.sideEffect ? `${node.kind}, side effect` : node.kind, number(node.invocations ?? ""), number(node.failed ?? "")),
    ),
  };
}

/** What goes along an edge, and how that is known. */
function typeOf({ type, count, inferred }) {
  if (count === 0) return `${type} (not seen yet)`;
  return inferred ? `${type} (inferred)` : type;
}

async function show() {
  try {
    const architecture = await get("/api/architecture");
    const names = new Map(architecture.nodes.map((node) => [node.id, node.name]));
    tables ??= makeTables();
    pictures = architecture;
    drawPicture().then(() => byId("architecture").removeAttribute("aria-busy"));
    tables.edges.refresh(architecture.edges.map((edge) => ({ ...edge, from: names.get(edge.from) ?? edge.from, to: names.get(edge.to) ?? edge.to })));
    tables.nodes.refresh(architecture.nodes);
    await letters.read();
    clear("architecture");
  } catch (error) {
    report("architecture", error);
  }
}

byId("with-rules").addEventListener("change", drawPicture);
byId("save-architecture").addEventListener("click", () => diagram.save("architecture.svg"));
const refresh = refresher(show);
follow({ onOpen: refresh, onRuns: refresh });
