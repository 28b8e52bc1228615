/* One request with its answer: what was decided and why, as curl, and again. */
import { ask, button, element, shortened, tell } from "./dom.js";
import { pictures } from "./preview.js";

const MASK = "••••";
const CUT = /… \(\d+ bytes\)$/;
/* What curl and browsers write themselves. */
const OF_CURL = /^(host|content-length|connection|accept-encoding)$/;
const OF_BROWSERS = /^(host|content-length|connection|cookie|origin|referer|user-agent|accept-encoding|sec-.*)$/;

const textOf = (body) => (body === null ? "" : typeof body === "string" ? body : JSON.stringify(body));
const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/* `--data-raw`, since a recorded body may begin with an @, which would send a file of whoever pastes it. */
export function curlOf(entry) {
  const headers = Object.entries(entry.headers).filter(([name]) => !OF_CURL.test(name));
  const body = textOf(entry.body);
  return [
    "curl",
    entry.method === "HEAD" ? "-I" : `-X ${entry.method}`,
    ...(/[[\]{}]/.test(entry.url) ? ["-g"] : []),
    quoted(entry.url),
    ...headers.map(([name, value]) => `-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`),
    ...(body ? [`--data-raw ${quoted(body)}`] : []),
  ].join(" ");
}

async function replay(entry) {
  const filled = (value) => String(value).replaceAll(MASK, "mock");
  const headers = Object.entries(entry.headers).filter(([name]) => !OF_BROWSERS.test(name));
  const body = textOf(entry.body);
  if (CUT.test(body)) return tell("Not sent: the journal has not kept the whole body.");
  const sent = JSON.stringify([entry.target, headers, body]);
  const answer = await fetch(filled(entry.target), {
    method: entry.method,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, filled(value)])),
    ...(body ? { body: filled(body) } : {}),
  });
  const masked = sent.includes(MASK) ? ", with the word mock for each credential" : "";
  return tell(`Sent again${masked}: ${answer.status}`);
}

function* decisions(entry) {
  yield ["Route", entry.operation ?? "none of the contract"];
  yield ["Credential", entry.credential];
  yield ["Source", `${entry.source}${entry.scenario ? ` (scenario ${entry.scenario})` : ""}`];
  if (entry.key) yield ["Key", entry.key];
  for (const one of entry.violations) {
    yield ["Violation", `${one.in ?? "body"} ${one.parameter ?? ""}${one.pointer ?? ""}: ${one.message}`];
  }
  if (entry.reason && !entry.violations.length) yield ["Reason", entry.reason];
}

/* As it was on the wire, with the body drawn up to be read. */
function message(first, headers, body) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const shown = typeof body === "string" ? body : body === null ? "" : JSON.stringify(body, shortened, 2);
  const readable = shown.includes("\ufffd") ? "(bytes that are no text)" : shown;
  return element("pre", [first, ...lines, ...(readable ? ["", readable] : [])].join("\n"), { tabIndex: 0 });
}

export async function showExchange(id, place) {
  const entry = await ask(`requests/${id}`);
  const curl = curlOf(entry);
  const rows = [...decisions(entry)].flatMap(([name, value]) => [
    element("dt", name),
    element("dd", value, { className: name === "Violation" ? "bad" : "" }),
  ]);
  place.append(
    element("dl", rows),
    element("div", [
      button("Copy as curl", () => navigator.clipboard.writeText(curl).then(() => tell("Copied."))),
      button("Send again", () => replay(entry)),
    ], { className: "acts" }),
    element("h3", "Request"),
    message(`${entry.method} ${entry.target}`, entry.headers, entry.body),
    element("h3", "Answer"),
    message(entry.status ? String(entry.status) : "none: the connection was cut", entry.answer.headers, entry.answer.body),
    ...pictures(textOf(entry.answer.body)),
    element("h3", "As curl"),
    element("pre", curl, { tabIndex: 0 }),
  );
}
