/** The page of the architecture, as the recorded events show it. */

import { get } from "./api.js";
import { byId } from "./dom.js";
import { Diagram } from "./diagram.js";
import { follow } from "./live.js";
import { number, pagedTable, row } from "./paging.js";
import { clear, report } from "./messages.js";
import { refresher } from "./refreshing.js";

const diagram = new Diagram(byId("architecture-picture"), "Sources, rules, functions, machines and the bucket; the tables below hold the same.");
const edges = pagedTable(
  byId("edges"),
  "Who sends what to whom",
  [{ title: "From" }, { title: "To" }, { title: "Detail type" }, { title: "Count", number: true }, { title: "Per minute", number: true }],
  (edge) => row({}, edge.from, edge.to, edge.inferred ? `${edge.type} (inferred)` : edge.type ?? "", number(edge.count ?? ""), number(edge.perMinute ?? "")),
);
const nodes = pagedTable(byId("nodes"), "Parts of the system", [{ title: "Name" }, { title: "Kind" }, { title: "Invocations", number: true }], (node) =>
  row({}, node.name, node.sideEffect ? `${node.kind}, side effect` : node.kind, number(node.invocations ?? "")),
);

async function show() {
  try {
    const architecture = await get("/api/architecture");
    const names = new Map(architecture.nodes.map((node) => [node.id, node.name]));
    diagram.update(architecture.diagram);
    edges.refresh(architecture.edges.map((edge) => ({ ...edge, from: names.get(edge.from) ?? edge.from, to: names.get(edge.to) ?? edge.to })));
    nodes.refresh(architecture.nodes);
    clear("architecture");
  } catch (error) {
    report("architecture", error);
  }
}

const refresh = refresher(show);
refresh();
follow("/api/live", { runs: refresh });
