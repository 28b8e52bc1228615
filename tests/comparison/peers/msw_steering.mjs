// What MSW does inside the process of a test: node msw_steering.mjs UPSTREAM prints {row: granted}.
import { createServer as listen } from "node:http";
import { fromOpenApi } from "@msw/source/open-api";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";

const upstream = process.argv[2];
const API = "http://api.test";
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
const text = new TextEncoder();

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

const rows = {
  async once() {
    server.use(http.get(`${API}/a`, () => new HttpResponse(null, { status: 401 }), { once: true }));
    const statuses = [(await ask("/a")).status, (await ask("/a")).status];
    return String(statuses) === "401,200";
  },
  async key() {
    server.use(
      http.get(`${API}/a`, ({ request }) =>
        request.headers.get("x-mock-key") === "k" ? new HttpResponse(null, { status: 401 }) : undefined,
      ),
    );
    const statuses = [(await ask("/a", { "x-mock-key": "k" })).status, (await ask("/a")).status];
    return String(statuses) === "401,200";
  },
  async cut() {
    const half = () => new HttpResponse(body(["[1,"], 0, (one) => one.error(new Error("cut"))));
    server.use(http.get(`${API}/a`, half));
    const answer = await ask("/a");
    return answer.text().then(() => false, () => true);
  },
  async slow() {
    const pieces = ["1", "2", "3", "4", "5"];
    server.use(http.get(`${API}/a`, () => new HttpResponse(body(pieces, 100, (one) => one.close()))));
    const begun = performance.now();
    await (await ask("/a")).text();
    return performance.now() - begun > 300;
  },
  async part() {
    const real = await (await fetch(`${upstream}/todos`)).text();
    return real.includes("real") && (await ask("/a")).status === 200;
  },
  async several() {
    return (await ask("/a")).status === 200 && (await ask("/b")).status === 200;
  },
};

const found = {};
for (const [row, granted] of Object.entries(rows)) {
  found[row] = await granted().catch(() => false);
  server.resetHandlers();
}
console.log(JSON.stringify(found));
