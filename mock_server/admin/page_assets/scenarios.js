/* What waits, and what a click lets wait. */
import { ask, button, byId, element, operationRows, span, tell } from "./dom.js";

/* What networks do, and contracts seldom document. */
export const TROUBLES = [
  ["429 with Retry-After", { status: 429, headers: { "Retry-After": "1" } }],
  ["503", { status: 503 }],
  ["3 seconds late", { delay: 3 }],
  ["connection cut before the answer", { cut: "before" }],
  ["connection cut within the body", { cut: { after: 10 } }],
];

export async function force(operation, answer, repeat) {
  await ask("scenarios", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ operation, repeat, answers: [answer] }),
  });
  const who = operation === "*" ? "Every operation" : operation;
  tell(`${who}: ${described(answer)}, ${repeat ? "until it is deleted" : "once"}`);
  await showScenarios();
}

/* The buttons that force an answer; a screen reader hears of which one. */
export function forcing(operation, answer, name) {
  const labelled = (label) => ({ ariaLabel: `${label}: ${operation === "*" ? "all operations" : operation} ${name}` });
  return [
    button("Once", () => force(operation, answer, false), labelled("Once")),
    button("Always", () => force(operation, answer, true), labelled("Always")),
  ];
}

let drawn = "";

export async function showScenarios() {
  const waiting = await ask("scenarios");
  // Drawn anew, a button would lose the focus that it has.
  if (JSON.stringify(waiting) === drawn) return;
  drawn = JSON.stringify(waiting);
  const empty = element("li", "No scenario is waiting.", { className: "empty" });
  byId("scenarios").replaceChildren(...(waiting.length ? waiting.map(row) : [empty]));
  mark(waiting);
}

function row(one) {
  const left = one.left === null ? "until it is deleted" : `${one.left} left`;
  const steps = one.answers.slice(0, 6).map((answer) => span(described(answer), "step"));
  if (one.answers.length > 6) steps.push(span(`and ${one.answers.length - 6} more`, "quiet"));
  const take = () => ask(`scenarios/${one.id}`, { method: "DELETE" }).then(showScenarios);
  return element("li", [
    element("div", [
      element("b", one.operation === "*" ? "All operations" : one.operation),
      span(` ${one.name === one.id ? "" : `${one.name}, `}${left}${one.key ? `, key ${one.key}` : ""}`, "quiet"),
      element("div", steps, { className: "steps" }),
    ]),
    button("Delete", take, { ariaLabel: `Delete ${one.name}` }),
  ]);
}

function described(answer) {
  const cut = answer.cut === "before" ? "cut before the answer"
    : answer.cut === "headers" ? "cut after the head"
    : answer.cut ? `cut after ${answer.cut.after} bytes` : "";
  const delay = typeof answer.delay === "object" ? `${answer.delay.min} to ${answer.delay.max} s late`
    : answer.delay ? `${answer.delay} s late` : "";
  const pace = answer.pace ? `${answer.pace} bytes a second` : "";
  const events = answer.events === undefined ? "" : `${answer.events} events`;
  const own = answer.body === undefined ? "" : "own body";
  const said = [answer.status, answer.example, own, events, delay, pace, cut].filter(Boolean).join(", ");
  return `${said || "the contract's own"}${answer.times > 1 ? ` × ${answer.times}` : ""}`;
}

/* Each operation that is not answered by its contract says so. */
function mark(waiting) {
  for (const row of operationRows()) {
    const own = waiting.find((one) => one.operation === row.dataset.id && one.key === null);
    row.querySelector(".forced").textContent = own ? described(own.answers[0]) : "";
  }
}

export function markAgain() { drawn = ""; return showScenarios(); }
