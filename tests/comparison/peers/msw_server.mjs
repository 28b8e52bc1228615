// MSW on a port, with the handlers that it makes of an OpenAPI document: node msw_server.mjs DOCUMENT PORT
import { readFileSync } from "node:fs";
import { createServer } from "@mswjs/http-middleware";
import { fromOpenApi } from "@msw/source/open-api";

const [document, port] = process.argv.slice(2);
const handlers = await fromOpenApi(JSON.parse(readFileSync(document, "utf8")));
createServer(...handlers).listen(Number(port), "127.0.0.1");
