/** The page of the architecture, as the recorded events show it. */

import { get } from "./api.js";
import { byId } from "./dom.js";
import { Diagram } from "./diagram.js";
import { number, pagedTable, row } from "./paging.js";
import { clear, report } from "./messages.js";

const diagram = new Diagram(byId("architecture-picture"), "Sources, rules, functions, machines and the bucket; the tables below hold the same.");
const edges = pagedTable(
  byId("edges"),
  "Who sends what to whom",
  [{ title: "From" }, { title: "To" }, { title: "Detail type" }, { title: "Count", number: true }, { title: "Per minute", number: true }],
  (edge) => row({}, edge.from, edge.to, edge.type ?? "", number(edge.count ?? ""), number(edge.perMinute?.toFixed(1) ?? "")),
);
const nodes = pagedTable(byId("nodes"), "Parts of the system", [{ title: "Name" }, { title: "Kind" }], (node) => row({}, node.name, node.kind));

async function show() {
  try {
    const architecture = await get("/api/architecture");
    const names = new Map(architecture.nodes.map((node) => [node.id, node.name]));
    diagram.update(architecture.diagram);
    edges.replace(architecture.edges.map((edge) => ({ ...edge, from: names.get(edge.from) ?? edge.from, to: names.get(edge.to) ?? edge.to })));
    nodes.replace(architecture.nodes);
    clear("architecture");
  } catch (error) {
    report("architecture", error);
  }
}

byId("refresh").addEventListener("click", show);
show();
