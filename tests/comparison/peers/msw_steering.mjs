// What MSW does inside the process of a test: node msw_steering.mjs UPSTREAM prints {row: granted}.
import { fromOpenApi } from "@msw/source/open-api";
import { fromTraffic } from "@msw/source/traffic";
import { HttpResponse, delay, http, passthrough } from "msw";
import { setupServer } from "msw/node";

const upstream = process.argv[2];
const API = "http://api.test";
const SECRET = "s3cret-of-nobody";
const contract = (path) => ({
  openapi: "3.0.3",
  info: { title: path, version: "1" },
  servers: [{ url: API }],
  paths: {
    [path]: {
      get: { responses: { 200: { description: "all", content: { "application/json": { example: [1] } } } } },
    },
  },
});
const server = setupServer(...(await fromOpenApi(contract("/a"))), ...(await fromOpenApi(contract("/b"))));
server.listen({ onUnhandledRequest: "bypass" });
const ask = (path, headers) => fetch(API + path, { headers });
const statuses = async (...paths) => {
  const found = [];
  for (const path of paths) found.push((await ask(path)).status);
  return String(found);
};
const refused = () => new HttpResponse(null, { status: 401 });
const once = (resolver) => server.use(http.get(`${API}/a`, resolver, { once: true }));
const text = new TextEncoder();
const seconds = async () => {
  const begun = performance.now();
  await (await ask("/a")).text();
  return (performance.now() - begun) / 1000;
};

/** A body that is sent piece by piece; `end` is what happens last. */
const body = (pieces, pause, end) =>
  new ReadableStream({
    async start(controller) {
      for (const piece of pieces) {
        controller.enqueue(text.encode(piece));
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      end(controller);
    },
  });

const broken = (one) => one.error(new Error("cut"));

/** What came of an answer: [status, bytes, whether it ended]; a status of 0 is none. */
const received = async () => {
  const seen = [0, 0, false];
  try {
    const answer = await ask("/a");
    seen[0] = answer.status;
    for await (const piece of answer.body) seen[1] += piece.length;
    seen[2] = true;
  } catch {
    // the third stays false
  }
  return String(seen);
};

/** The requests that its life-cycle events tell of while something is done. */
const told = async (doing) => {
  const seen = [];
  const note = ({ request }) => seen.push({ url: request.url, headers: Object.fromEntries(request.headers) });
  server.events.on("request:start", note);
  await doing();
  server.events.removeListener("request:start", note);
  return seen;
};

/** An archive, as a browser would record it, of what the deployment answers. */
const archive = async () => {
  const answer = await fetch(`${upstream}/todos`);
  const content = { mimeType: "application/json", text: await answer.text(), size: 0 };
  const response = { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: [], cookies: [], content };
  const request = { method: "GET", url: `${API}/todos`, httpVersion: "HTTP/1.1", headers: [], cookies: [], queryString: [] };
  const entry = { startedDateTime: new Date().toISOString(), time: 1, request, response, cache: {}, timings: {} };
  return { log: { version: "1.2", creator: { name: "t", version: "1" }, entries: [entry] } };
};

const rows = {
  async once() {
    once(refused);
    return (await statuses("/a", "/a")) === "401,200";
  },
  async exactly() {
    once(refused);
    const found = await Promise.all(Array.from({ length: 16 }, () => ask("/a").then((one) => one.status)));
    return found.filter((status) => status === 401).length === 1;
  },
  async refresh() {
    once(refused);
    server.use(http.post(`${API}/token`, () => HttpResponse.json("t")));
    const first = await statuses("/a");
    const token = (await fetch(`${API}/token`, { method: "POST" })).status;
    return `${first},${token},${await statuses("/a")}` === "401,200,200";
  },
  async retry() {
    const limited = () => new HttpResponse(null, { status: 429, headers: { "Retry-After": "1" } });
    once(limited);
    once(limited);
    return (await statuses("/a", "/a", "/a")) === "429,429,200";
  },
  async key() {
    server.use(
      http.get(`${API}/a`, ({ request }) => (request.headers.get("x-mock-key") === "k" ? refused() : undefined)),
    );
    const found = [(await ask("/a", { "x-mock-key": "k" })).status, (await ask("/a")).status];
    return String(found) === "401,200";
  },
  async late() {
    once(async () => {
      await delay(400);
    });
    const found = [await seconds(), await seconds()];
    return found[0] >= 0.4 && found[1] < 0.4;
  },
  async random() {
    server.use(
      http.get(`${API}/a`, async () => {
        await delay(100 + 300 * Math.random());
      }),
    );
    const found = [];
    for (let count = 0; count < 6; count++) found.push(await seconds());
    return Math.min(...found) >= 0.1 && Math.max(...found) - Math.min(...found) > 0.02;
  },
  async cut_before() {
    once(() => HttpResponse.error());
    return (await received()) === "0,0,false";
  },
  async cut_head() {
    once(() => new HttpResponse(body([], 0, (one) => setTimeout(() => broken(one), 50))));
    return (await received()) === "200,0,false";
  },
  async cut() {
    once(() => new HttpResponse(body(["[1,"], 50, broken)));
    return (await received()) === "200,3,false";
  },
  async slow() {
    const pieces = ["1", "2", "3", "4", "5"];
    once(() => new HttpResponse(body(pieces, 100, (one) => one.close())));
    return (await seconds()) > 0.3;
  },
  // Its own `sse` needs the EventSource of a browser; a body of events does not.
  async stream() {
    const events = ["data: 1\n\n", "data: 2\n\n", "event: error\ndata: {}\n\n"];
    const headers = { "Content-Type": "text/event-stream" };
    server.use(
      http.get(`${API}/events`, () => new HttpResponse(body(events, 20, (one) => one.close()), { headers })),
    );
    return (await (await ask("/events")).text()) === events.join("");
  },
  async listed() {
    const seen = await told(() => ask("/a", { "x-mock-key": "k" }));
    return seen.length === 1 && seen[0].url.endsWith("/a") && seen[0].headers["x-mock-key"] === "k";
  },
  async masked() {
    const seen = await told(() => ask("/a", { authorization: `Bearer ${SECRET}` }));
    return seen.length === 1 && !JSON.stringify(seen).includes(SECRET);
  },
  async live() {
    let during = 0;
    await told(async () => {
      server.events.on("request:start", () => { during += 1; });
      await ask("/a");
    });
    return during === 1;
  },
  async state() {
    const kept = new Map();
    const named = ({ params }) => (kept.has(params.id) ? HttpResponse.json(kept.get(params.id)) : new HttpResponse(null, { status: 404 }));
    const put = async (id, request) => {
      kept.set(id, { ...kept.get(id), ...(await request.json()), id });
      return HttpResponse.json(kept.get(id));
    };
    server.use(
      http.get(`${API}/todos`, () => HttpResponse.json([...kept.values()])),
      http.post(`${API}/todos`, ({ request }) => put(String(kept.size + 1), request)),
      http.get(`${API}/todos/:id`, named),
      http.patch(`${API}/todos/:id`, ({ params, request }) => put(params.id, request)),
      http.delete(`${API}/todos/:id`, ({ params }) => {
        kept.delete(params.id);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const send = (path, method, value) => fetch(API + path, { method, body: value && JSON.stringify(value) });
    const { id } = await (await send("/todos", "POST", { title: "mine" })).json();
    const first = (await (await ask(`/todos/${id}`)).json()).title;
    await send(`/todos/${id}`, "PATCH", { title: "new" });
    const listed = await (await ask("/todos")).text();
    await send(`/todos/${id}`, "DELETE");
    return first === "mine" && listed.includes("new") && (await ask(`/todos/${id}`)).status === 404;
  },
  async part() {
    server.use(http.get(`${upstream}/todos`, () => passthrough()));
    const real = await (await fetch(`${upstream}/todos`)).text();
    return real.includes("real") && (await ask("/a")).status === 200;
  },
  async streamed() {
    server.use(http.get(`${upstream}/events`, () => passthrough()));
    const answer = await fetch(`${upstream}/events`);
    const arrivals = [];
    for await (const piece of answer.body) arrivals.push([performance.now(), piece.length]);
    return arrivals.length > 1 && arrivals.at(-1)[0] - arrivals[0][0] > 200;
  },
  async record() {
    server.use(...fromTraffic(await archive()));
    return (await (await ask("/todos")).text()).includes("real");
  },
  async redacted() {
    server.use(...fromTraffic(await archive()));
    return !(await (await ask("/todos")).text()).includes(SECRET);
  },
  async several() {
    return (await statuses("/a", "/b")) === "200,200";
  },
};

const found = {};
for (const [row, granted] of Object.entries(rows)) {
  found[row] = await granted().catch(() => false);
  server.resetHandlers();
  server.events.removeAllListeners();
}
console.log(JSON.stringify(found));
