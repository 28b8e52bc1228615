/* The requests, newest first. All that came are kept and can be searched; few are drawn. */
import { ask, byId, code, element, method, span, tell } from "./dom.js";
import { showExchange } from "./exchange.js";
import { PREVIEW_KEY } from "./preview.js";
import { showScenarios } from "./scenarios.js";

const MOST_KEPT = 10000;
const ROWS = 100;
const entries = new Map();
const rows = new Map();
let shown = ROWS;
let isDue = false;

/* A mock that starts again counts from 1: an id alone may stand for two requests. */
const nameOf = (entry) => `${entry.id} ${entry.at}`;

export function take(entry) {
  if (entry.key === PREVIEW_KEY || entries.has(nameOf(entry))) return;
  entry.text = [entry.method, entry.target, entry.status, entry.source, entry.key, entry.operation].join(" ").toLowerCase();
  entries.set(nameOf(entry), entry);
  if (entries.size > MOST_KEPT) forget(entries.keys().next().value);
  if (entry.scenario) showScenarios().catch((problem) => tell(String(problem)));
  due();
}

function forget(name) {
  entries.delete(name);
  rows.delete(name);
}

export function empty() {
  entries.clear();
  rows.clear();
  due();
}

/* Requests that come together are drawn once. */
function due() {
  if (isDue) return;
  isDue = true;
  // A page in the background draws no frames, and must not fall behind for ever.
  (document.hidden ? setTimeout : requestAnimationFrame)(draw);
}

export function sift() { shown = ROWS; due(); }
export function showOlder() { shown += ROWS; due(); }

function draw() {
  isDue = false;
  const wanted = byId("filter").value.trim().toLowerCase();
  const fitting = [...entries].filter(([, entry]) => entry.text.includes(wanted)).reverse();
  const list = byId("journal");
  const drawn = fitting.slice(0, shown).map(([name, entry]) => rowOf(name, entry));
  place(list, drawn);
  byId("older").hidden = fitting.length <= shown;
  byId("count").textContent = wanted ? `${fitting.length} of ${entries.size}` : `${entries.size || ""}`;
  byId("none").hidden = fitting.length > 0;
  byId("none").textContent = wanted ? "No request has this text." : "No request has come yet. It appears here as soon as one does.";
}

/* Rows that stay are not moved: what is open or has the focus stays so. */
function place(list, drawn) {
  const staying = new Set(drawn);
  for (const row of [...list.children]) if (!staying.has(row)) row.remove();
  let before = list.firstElementChild;
  for (const row of drawn) {
    if (row === before) before = before.nextElementSibling;
    else list.insertBefore(row, before);
  }
}

function rowOf(name, entry) {
  if (!rows.has(name)) rows.set(name, made(entry));
  return rows.get(name);
}

const CLOCK = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

function made(entry) {
  const summary = element("summary", [
    code(entry.status), " ", method(entry.method), " ",
    element("span", entry.target, { className: "path", title: entry.target }), " ",
    element("span", entry.source, { className: "source quiet", title: entry.source }), " ",
    span(entry.at ? CLOCK.format(new Date(entry.at)) : "", "time quiet"), " ",
    span(`${entry.ms < 10 ? entry.ms.toFixed(1) : Math.round(entry.ms)} ms`, "ms quiet"),
  ]);
  const row = element("details", summary);
  row.addEventListener("toggle", () => {
    if (row.open && row.childElementCount === 1) showExchange(entry.id, row).catch((problem) => tell(String(problem)));
  });
  return element("li", row);
}

/* What came while nobody listened, too. */
export function follow(told) {
  const stream = new EventSource("requests/stream");
  stream.onmessage = (event) => take(JSON.parse(event.data));
  stream.onerror = () => told(false);
  stream.onopen = () => {
    told(true);
    catchUp().catch((problem) => tell(String(problem)));
  };
  due();
}

async function catchUp() {
  for (const entry of (await ask(`requests?limit=${MOST_KEPT}`)).reverse()) take(entry);
}
