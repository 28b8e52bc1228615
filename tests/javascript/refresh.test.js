import assert from "node:assert/strict";
import { test } from "node:test";

import { createClient } from "@insforge/sdk";

const url = process.env.TWO_CONTRACTS_URL;

test("401, refresh at a path of another contract, 200: the caller sees the answer alone", async () => {
  const told = await fetch(`${url}/__mock/scenarios`, {
    method: "POST",
    body: JSON.stringify({
      operation: "POST /api/ai/image/generation",
      answers: [{ status: 401, example: "bad-token" }],
    }),
  });
  assert.equal(told.status, 201);

  const signedIn = createClient({ baseUrl: url });
  signedIn.setAccessToken("an-old-token");
  const answer = await signedIn.ai.images.generate({
    model: "openai/dall-e-3",
    prompt: "A lake at dawn",
  });
  const requests = await (await fetch(`${url}/__mock/requests`)).json();
  const seen = requests.reverse().map((one) => [one.operation, one.status]);

  assert.ok(answer.data.length > 0);
  assert.deepEqual(seen, [
    ["POST /api/ai/image/generation", 401],
    ["POST /api/auth/refresh", 200],
    ["POST /api/ai/image/generation", 200],
  ]);
});

test("a session that cannot be refreshed is the caller's own 401", async () => {
  await fetch(`${url}/__mock/reset`, { method: "POST" });
  for (const operation of ["POST /api/ai/image/generation", "refreshSession"]) {
    await fetch(`${url}/__mock/scenarios`, {
      method: "POST",
      body: JSON.stringify({ operation, repeat: true, answers: [{ status: 401 }] }),
    });
  }
  const signedIn = createClient({ baseUrl: url });
  signedIn.setAccessToken("an-old-token");
  const failed = await signedIn.ai.images
    .generate({ model: "openai/dall-e-3", prompt: "A lake at dawn" })
    .then(() => null, (error) => error);

  assert.equal(failed?.statusCode, 401);
});
