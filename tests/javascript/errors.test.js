import assert from "node:assert/strict";
import { test } from "node:test";

import { createAdminClient, createClient } from "@insforge/sdk";

import { MOCK_URL, STRICT_URL, client, errorOf } from "./client.js";

const request = { model: "openai/dall-e-3", prompt: "A lake at dawn" };
const generate = (options, body = request) => client(options).ai.images.generate(body);

test("no credential", async () => {
  assert.deepEqual(await errorOf(generate({ token: null })), {
    name: "InsForgeError",
    error: "AUTH_INVALID_CREDENTIALS",
    message: "The request carries no credential.",
    statusCode: 401,
    nextActions: 'Sign in, then send the token as "Authorization: Bearer <token>".',
  });
});

test("a credential that is not accepted", async () => {
  const { error, statusCode } = await errorOf(
    generate({ baseUrl: STRICT_URL, token: "wrong-token" }),
  );

  assert.deepEqual({ error, statusCode }, { error: "AUTH_UNAUTHORIZED", statusCode: 401 });
});

test("a signed-in client tries to refresh its session, which this contract has no part in", async () => {
  const signedIn = createClient({ baseUrl: STRICT_URL });
  signedIn.setAccessToken("wrong-token");
  const { error, statusCode } = await errorOf(signedIn.ai.images.generate(request));

  assert.deepEqual({ error, statusCode }, { error: "REQUEST_FAILED", statusCode: 404 });
});

test("everything that is wrong with a request", async () => {
  const { name, error, message, statusCode, nextActions } = await errorOf(
    generate({}, { model: 7 }),
  );

  assert.equal(name, "InsForgeError");
  assert.equal(error, "INVALID_INPUT");
  assert.match(message, /prompt/);
  assert.match(message, /model/);
  assert.equal(statusCode, 400);
  assert.match(nextActions, /Correct/);
});

test("what the client can send and the published contract does not allow is refused", async () => {
  const content = [{ type: "text", text: "What is in this image?" }];
  const { error, message } = await errorOf(
    client().ai.chat.completions.create({ model: "m", messages: [{ role: "user", content }] }),
  );

  assert.equal(error, "INVALID_INPUT");
  assert.match(message, /content/);
});

const FAILURES = {
  broken: "INTERNAL_ERROR",
  "no-credit": "BILLING_INSUFFICIENT_BALANCE",
  "unknown-model": "AI_INVALID_MODEL",
  busy: "RATE_LIMITED",
  "provider-down": "AI_UPSTREAM_UNAVAILABLE",
  "no-key": "AI_INVALID_API_KEY",
};
for (const [example, error] of Object.entries(FAILURES)) {
  test(`a failure called ${example}`, async () => {
    const shown = await errorOf(generate({ prefer: `example=${example}` }));

    assert.equal(shown.name, "InsForgeError");
    assert.equal(shown.error, error);
    assert.equal(shown.statusCode, 500);
    assert.ok(shown.message.length > 10);
    assert.ok(shown.nextActions.length > 10);
  });
}

test("the message of a failure names the model that was asked for", async () => {
  const { message } = await errorOf(generate({ prefer: "example=unknown-model" }));

  assert.equal(message, "There is no model named openai/dall-e-3.");
});

test("a path that the contract does not have", async () => {
  const http = client().getHttpClient();
  const { error, message, statusCode } = await errorOf(http.get("/api/ai/nowhere"));

  assert.deepEqual(
    { error, message, statusCode },
    { error: "REQUEST_FAILED", message: "Request failed: Not Found", statusCode: 404 },
  );
});

test("an administrator's client reads the catalogue and sets a key", async () => {
  const http = createAdminClient({ baseUrl: MOCK_URL, apiKey: "ik_mock" }).getHttpClient();
  const models = await http.get("/api/ai/models");
  const config = await http.put("/api/ai/config", { apiKey: "sk-or-v1-mock" });

  assert.ok(models.length >= 8);
  assert.deepEqual(config.managementKey, { configured: false, maskedKey: null });
});
