/* What is served, and every answer of it. */
import { button, byId, code, element, method, operationRows, span } from "./dom.js";
import { preview, wishOf } from "./preview.js";
import { TROUBLES, forcing } from "./scenarios.js";

export function showOperations(operations) {
  const groups = Map.groupBy?.(operations, (one) => one.contract) ?? grouped(operations);
  const made = [...groups].map(([contract, members]) =>
    element("div", [...(groups.size > 1 ? [element("h3", contract)] : []), ...members.map(operationRow)], {
      className: "group",
    }));
  const open = new Set(operationRows().filter((row) => row.open).map((row) => row.dataset.id));
  byId("operations").replaceChildren(...made);
  for (const row of operationRows()) row.open = open.has(row.dataset.id);
  byId("everything").replaceChildren(everyOperation());
  sift();
}

function grouped(operations) {
  const groups = new Map();
  for (const one of operations) groups.set(one.contract, [...(groups.get(one.contract) ?? []), one]);
  return groups;
}

export function sift() {
  const wanted = byId("search").value.trim().toLowerCase();
  for (const group of document.querySelectorAll("#operations .group")) {
    const rows = [...group.querySelectorAll(".operation")];
    for (const row of rows) row.hidden = !row.dataset.text.includes(wanted);
    group.hidden = rows.every((row) => row.hidden);
  }
}

function operationRow(operation) {
  const summary = element("summary", [
    method(operation.method), " ", span(operation.path, "path"), " ",
    ...(operation.deprecated ? [span("deprecated", "badge")] : []),
    ...(operation.unserved.length ? [span("partly served", "badge")] : []),
    span("", "forced"),
  ]);
  const row = element("details", summary, { className: "operation" });
  row.dataset.id = operation.id;
  row.dataset.text = `${operation.id} ${operation.path} ${operation.summary} ${operation.contract}`.toLowerCase();
  // What is behind a thousand operations is drawn when somebody looks at one.
  row.addEventListener("toggle", () => {
    if (row.open && row.childElementCount === 1) row.append(...opened(operation));
  });
  return row;
}

function* opened(operation) {
  if (operation.summary) yield element("p", operation.summary, { className: "about" });
  for (const [status, { examples }] of Object.entries(operation.statuses)) {
    for (const example of examples.length ? examples : [null]) yield answerRow(operation, status, example);
  }
  for (const sentence of operation.unserved) yield element("p", sentence, { className: "bad" });
  yield troubles(operation.id, "What networks do");
}

function answerRow(operation, status, example) {
  const name = example ? `${status} ${example.name}` : status;
  const place = element("div");
  const look = () => preview(operation, status, example?.name, place);
  const answer = { status: wishOf(status).status, ...(example ? { example: example.name } : {}) };
  return element("div", [
    code(status),
    element("div", [element("b", example?.name ?? ""), " ", span(example?.summary ?? "", "quiet")], { className: "what" }),
    element("div", [
      button("Preview", look, { ariaLabel: `Preview: ${operation.id} ${name}` }),
      ...forcing(operation.id, answer, name),
    ], { className: "acts" }),
    place,
  ], { className: "answer" });
}

function troubles(operation, title) {
  const rows = TROUBLES.map(([name, answer]) =>
    element("div", [
      element("div", name, { className: "what" }),
      element("div", forcing(operation, answer, name), { className: "acts" }),
    ], { className: "answer trouble" }));
  return element("details", [element("summary", span(title, "quiet")), ...rows], { className: "troubles" });
}

function everyOperation() { return troubles("*", "All operations at once"); }
