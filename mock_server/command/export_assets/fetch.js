/* fetch, answered from the files of this folder by any static host, every method and status:
 *
 *   import { mockFetch } from "./mock/fetch.js";
 *   const answer = await mockFetch("/api/ai/models", { headers: { Prefer: "code=401" } });
 *
 * `Prefer: code=STATUS, example=NAME` chooses an answer, as it does with mock-server. Requests are
 * not validated: a folder cannot do that. The manifest says what there is.
 */
const home = new URL(".", import.meta.url);
let loaded;

async function operations() {
  loaded ??= fetch(new URL("manifest.json", home)).then((answer) => answer.json());
  return (await loaded).operations;
}

function pattern(path) {
  const parts = path.split(/\{[^{}/]+\}/).map((text) => text.replace(/[.*+?^$()|[\]\\{}]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}

function problem(status, detail) {
  const headers = { "Content-Type": "application/problem+json" };
  return new Response(JSON.stringify({ status, detail }), { status, headers });
}

export async function mockFetch(input, init) {
  const request = new Request(input instanceof Request ? input : new URL(input, home), init);
  const { pathname } = new URL(request.url);
  const below = home.pathname.replace(/\/$/, "");
  const path = decodeURI(pathname.startsWith(`${below}/`) ? pathname.slice(below.length) : pathname);
  const fitting = (await operations())
    .filter((one) => one.method === request.method && pattern(one.path).test(path))
    .sort((one, other) => one.path.split("{").length - other.path.split("{").length);
  if (!fitting.length) return problem(404, `there is no ${request.method} ${path}`);

  const wish = request.headers.get("Prefer") ?? "";
  const code = /\bcode=(\d+)/.exec(wish)?.[1];
  const example = /\bexample=(?:"([^"]*)"|([^\s,;]+))/.exec(wish);
  const name = example?.[1] ?? example?.[2];
  const chosen = fitting[0].answers.find((one) =>
    (code ? one.status === Number(code) : name ? true : one.default) && (!name || one.example === name));
  if (!chosen) return problem(404, `${fitting[0].id} has no answer '${wish}'`);

  const body = chosen.file === null ? null : await (await fetch(new URL(chosen.file, home))).arrayBuffer();
  return new Response(body, { status: chosen.status, headers: chosen.headers });
}
