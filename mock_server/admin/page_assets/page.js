"use strict";

/* Every text of the mock, of a contract or of a request is put in as text: nothing here is HTML. */

const MOST_ROWS = 300;
const PREVIEW_KEY = "mock-page-preview";
const byId = (id) => document.getElementById(id);

function element(name, content = "", properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[content].flat());
  return made;
}

function tell(text) { byId("status").textContent = text; }

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, 400)}`);
  return answer.status === 204 ? null : answer.json();
}

function button(label, action, properties = {}) {
  const made = element("button", label, { type: "button", ...properties });
  made.addEventListener("click", () => action().catch((problem) => tell(String(problem))));
  return made;
}

/* Operations and their answers */

function wishOf(status, example) {
  const code = /^\d+$/.test(status) ? status : { default: "500" }[status] ?? `${status[0]}00`;
  return { code, prefer: `code=${code}${example ? `, example="${example}"` : ""}` };
}

async function preview(operation, status, example, place) {
  const { method } = operation;
  const target = operation.path.replace(/\{[^}]*\}/g, "1");
  const answer = await fetch(target, {
    method,
    headers: { Prefer: wishOf(status, example).prefer, "X-Mock-Key": PREVIEW_KEY },
  });
  const type = answer.headers.get("content-type") ?? "";
  const shown = element("div", element("p", `${answer.status} ${type}`, { className: "quiet" }));
  place.replaceChildren(shown);
  if (type.startsWith("image/")) {
    shown.append(picture(URL.createObjectURL(await answer.blob()), "the answer"));
    return;
  }
  const text = element("pre", "", { tabIndex: 0 });
  shown.append(text);
  await arrive(answer, text);
  for (const found of text.textContent.match(/data:image\/[a-z+.-]+;base64,[A-Za-z0-9+/=]+/g) ?? []) {
    shown.append(picture(found, "an image of the answer"));
  }
  if (type.includes("json")) text.textContent = pretty(text.textContent);
}

function picture(source, alt) { return element("img", [], { src: source, alt }); }

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), shortened, 2); } catch { return text; }
}

function shortened(_name, value) {
  return typeof value === "string" && value.length > 300 ? `${value.slice(0, 300)}…` : value;
}

/* A stream is shown as it comes. */
async function arrive(answer, place) {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  for (let step = await reader?.read(); step && !step.done; step = await reader.read()) {
    place.append(decoder.decode(step.value, { stream: true }));
  }
}

async function force(operation, status, example, repeat) {
  const answer = { status: Number(wishOf(status, example).code), ...(example ? { example } : {}) };
  await ask("scenarios", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ operation: operation.id, repeat, answers: [answer] }),
  });
  tell(`${operation.id} answers ${answer.status} ${repeat ? "until it is deleted" : "once"}`);
  await showScenarios();
}

function answerRow(operation, status, example) {
  const name = example ? `${status} ${example.name}` : status;
  const place = element("div");
  const more = (label) => ({ ariaLabel: `${label}: ${operation.id} ${name}` });
  return element("div", [
    element("div", [
      element("code", name), element("span", example?.summary ?? "", { className: "quiet" }),
      button("Preview", () => preview(operation, status, example?.name, place), more("Preview")),
      button("Once", () => force(operation, status, example?.name, false), more("Once")),
      button("Always", () => force(operation, status, example?.name, true), more("Always")),
    ], { className: "answer" }),
    place,
  ]);
}

function operationRow(operation) {
  const summary = element("summary", operation.id + (operation.deprecated ? " (deprecated)" : ""));
  const row = element("details", summary, { className: operation.deprecated ? "deprecated" : "" });
  row.dataset.text = `${operation.id} ${operation.path} ${operation.contract}`.toLowerCase();
  row.addEventListener("toggle", () => {
    if (!row.open || row.childElementCount > 1) return;
    for (const [status, { examples }] of Object.entries(operation.statuses)) {
      for (const example of examples.length ? examples : [null]) {
        row.append(answerRow(operation, status, example));
      }
    }
    for (const sentence of operation.unserved) row.append(element("p", sentence, { className: "bad" }));
  });
  return row;
}

/* Scenarios */

async function showScenarios() {
  const waiting = await ask("scenarios");
  const rows = waiting.map((one) => {
    const left = one.left === null ? "until it is deleted" : `${one.left} left`;
    const key = one.key ? `, key ${one.key}` : "";
    const take = () => ask(`scenarios/${one.id}`, { method: "DELETE" }).then(showScenarios);
    return element("li", [
      element("span", `${one.name}: ${one.operation} (${left}${key})`),
      button("Delete", take, { ariaLabel: `Delete ${one.name}` }),
    ]);
  });
  byId("scenarios").replaceChildren(...(rows.length ? rows : [element("li", "No scenario is waiting.", { className: "quiet" })]));
}

/* The journal */

function curlOf(entry) {
  const quote = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
  const skipped = new Set(["host", "content-length", "connection", "accept-encoding"]);
  const headers = Object.entries(entry.headers).filter(([name]) => !skipped.has(name));
  const body = entry.body === null ? "" : typeof entry.body === "string" ? entry.body : JSON.stringify(entry.body);
  return [
    `curl -X ${entry.method} ${quote(entry.url)}`,
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body ? [`--data-binary ${quote(body)}`] : []),
  ].join(" ");
}

async function replay(entry) {
  const masked = (value) => String(value).replaceAll("••••", "mock");
  const forbidden = /^(host|content-length|connection|cookie|origin|referer|user-agent|accept-encoding|sec-.*)$/;
  const headers = Object.entries(entry.headers).filter(([name]) => !forbidden.test(name));
  const body = entry.body === null ? undefined : typeof entry.body === "string" ? entry.body : JSON.stringify(entry.body);
  const answer = await fetch(masked(entry.target), {
    method: entry.method,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, masked(value)])),
    ...(body === undefined ? {} : { body: masked(body) }),
  });
  tell(`Sent again: ${answer.status}`);
}

function facts(entry) {
  const violations = entry.violations.map((one) => `${one.in ?? "body"} ${one.parameter ?? ""}${one.pointer ?? ""}: ${one.message}`);
  return [
    `Route: ${entry.operation ?? "none of the contract"}`,
    `Credential: ${entry.status === 401 ? "not accepted" : "authorization" in entry.headers || "cookie" in entry.headers ? "sent" : "none sent"}`,
    `Source: ${entry.source}${entry.scenario ? ` (scenario ${entry.scenario})` : ""}`,
    ...(entry.key ? [`Key: ${entry.key}`] : []),
    ...(violations.length ? violations : entry.reason ? [entry.reason] : []),
  ];
}

async function showEntry(id, place) {
  const entry = await ask(`requests/${id}`);
  const curl = curlOf(entry);
  place.append(
    element("ul", facts(entry).map((fact) => element("li", fact))),
    element("pre", pretty(JSON.stringify({ headers: entry.headers, body: entry.body })), { tabIndex: 0 }),
    element("pre", pretty(JSON.stringify(entry.answer)), { tabIndex: 0 }),
    element("pre", curl, { tabIndex: 0 }),
    button("Copy as curl", () => navigator.clipboard.writeText(curl).then(() => tell("Copied."))),
    button("Send again", () => replay(entry)),
  );
}

function journalRow(entry) {
  const kind = entry.status >= 400 || entry.status === 0 ? "bad" : "good";
  const summary = element("summary", [
    element("span", `${entry.method} ${entry.target} `),
    element("span", entry.status ? String(entry.status) : "cut", { className: kind }),
    element("span", ` ${entry.source} ${entry.ms.toFixed(1)} ms`, { className: "quiet" }),
  ]);
  const row = element("details", summary);
  row.addEventListener("toggle", () => {
    if (row.open && row.childElementCount === 1) showEntry(entry.id, row).catch((problem) => tell(String(problem)));
  });
  const item = element("li", row);
  item.dataset.text = summary.textContent.toLowerCase();
  return item;
}

/* Many requests at once are drawn once a frame, and only the newest are kept. */
const coming = [];
function take(entry) {
  if (entry.key === PREVIEW_KEY) return;
  coming.push(entry);
  if (coming.length === 1) requestAnimationFrame(draw);
}

function draw() {
  const list = byId("journal");
  const rows = coming.splice(0).slice(-MOST_ROWS).map(journalRow).reverse();
  list.prepend(...rows);
  while (list.childElementCount > MOST_ROWS) list.lastElementChild.remove();
  sift(list, byId("filter"));
  if (rows.some((row) => row.dataset.text.includes("scenario:") || row.dataset.text.includes("undocumented"))) {
    showScenarios().catch((problem) => tell(String(problem)));
  }
}

function sift(list, input) {
  const wanted = input.value.trim().toLowerCase();
  for (const row of list.children) row.hidden = wanted !== "" && !row.dataset.text.includes(wanted);
}

async function start() {
  const health = await ask("health");
  const named = health.contracts.map((one) => `${one.title} ${one.version}`);
  byId("title").textContent = named.length > 4 ? `${named.length} contracts` : named.join(", ");
  document.title = `${health.contract.title}${named.length > 1 ? ", …" : ""} – mock server`;
  byId("operations").append(...(await ask("operations")).map(operationRow));
  for (const [input, list] of [["search", "operations"], ["filter", "journal"]]) {
    byId(input).addEventListener("input", () => sift(byId(list), byId(input)));
  }
  byId("reset").addEventListener("click", async () => {
    await ask("reset", { method: "POST" });
    byId("journal").replaceChildren();
    await showScenarios();
    tell("The mock was reset.");
  });
  await showScenarios();
  for (const entry of (await ask(`requests?limit=${MOST_ROWS}`)).reverse()) take(entry);
  const stream = new EventSource("requests/stream");
  stream.onmessage = (event) => take(JSON.parse(event.data));
  stream.onerror = () => tell("The mock does not answer. The list continues when it does.");
  stream.onopen = () => tell("");
}

start().catch((problem) => tell(String(problem)));
