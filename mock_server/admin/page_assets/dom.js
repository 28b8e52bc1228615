/* Every text of the mock, of a contract or of a request is put in as text: nothing here is HTML. */

export const byId = (id) => document.getElementById(id);

export function element(name, content = "", properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[content].flat());
  return made;
}

/* The rows of operations. An open row holds other details of its own. */
export const operationRows = () => [...document.querySelectorAll("#operations .operation")];

export const span = (text, className) => element("span", text, { className });

let silence = 0;

/* A message, for as long as it takes to read it. */
export function tell(text) {
  byId("status").textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => { byId("status").textContent = ""; }, 4000 + 40 * text.length);
}

export async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, 400)}`);
  return answer.status === 204 ? null : answer.json();
}

export function button(label, action, properties = {}) {
  const made = element("button", label, { type: "button", ...properties });
  made.addEventListener("click", () => action().catch((problem) => tell(String(problem))));
  return made;
}

export const method = (name) => span(name, `method ${name.toLowerCase()}`);

/* A status as a sign; its colour only repeats what the number says. */
export function code(status) {
  return span(status === 0 ? "cut" : String(status), `code of-${status === 0 ? "cut" : String(status)[0]}`);
}

export function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), shortened, 2); } catch { return text; }
}

export function shortened(_name, value) {
  return typeof value === "string" && value.length > 300 ? `${value.slice(0, 300)}…` : value;
}
