// openapi-backend as its README sets it up: validation, a security handler, the mock response of the operation.
// Usage: node openapi_backend.mjs DOCUMENT PORT
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { OpenAPIBackend } from "openapi-backend";

const [document, port] = process.argv.slice(2);

function answer(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

const api = new OpenAPIBackend({ definition: JSON.parse(readFileSync(document, "utf8")) });
api.register({
  notImplemented: (context, request, response) => {
    const { status, mock } = context.api.mockResponseForOperation(context.operation.operationId);
    answer(response, status, mock);
  },
  notFound: (context, request, response) => answer(response, 404, { error: "not found" }),
  methodNotAllowed: (context, request, response) => answer(response, 405, { error: "not allowed" }),
  validationFail: (context, request, response) =>
    answer(response, 400, { error: context.validation.errors }),
  unauthorizedHandler: (context, request, response) => answer(response, 401, { error: "no token" }),
});
api.registerSecurityHandler("bearerAuth", (context) =>
  /^bearer \S+$/i.test(context.request.headers.authorization ?? ""),
);
await api.init();

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const call = {
      method: request.method,
      path: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    Promise.resolve(api.handleRequest(call, request, response)).catch((error) =>
      answer(response, 500, { error: String(error) }),
    );
  });
}).listen(Number(port), "127.0.0.1");
