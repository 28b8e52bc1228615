import assert from "node:assert/strict";
import { test } from "node:test";

import { client } from "./client.js";

const request = { model: "openai/dall-e-3", prompt: "A lake at dawn" };

/** Width and height of a PNG in base64. */
function size(base64) {
  const bytes = Buffer.from(base64, "base64");
  assert.equal(bytes.subarray(1, 4).toString("latin1"), "PNG");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test("one image is a PNG", async () => {
  const { data, usage } = await client().ai.images.generate(request);

  assert.deepEqual(data.map((image) => size(image.b64_json)), [[128, 96]]);
  assert.equal(data[0].content, "Here is your image.");
  assert.deepEqual(usage, { total_tokens: 1302, input_tokens: 12, output_tokens: 1290 });
});

test("several images are told apart", async () => {
  const { data } = await client({ prefer: "example=several" }).ai.images.generate(request);

  assert.deepEqual(data.map((image) => size(image.b64_json)), Array(3).fill([128, 96]));
  assert.equal(new Set(data.map((image) => image.b64_json)).size, 3);
});

test("text without an image", async () => {
  const { data } = await client({ prefer: "example=text-only" }).ai.images.generate(request);

  assert.deepEqual(data, [{ content: "I would leave the canvas white and paint the frame." }]);
});

test("the contract's own fields are there as well, with what was asked", async () => {
  const answer = await client().getHttpClient().post("/api/ai/image/generation", request);

  assert.equal(answer.model, request.model);
  assert.equal(answer.metadata.revisedPrompt, request.prompt);
  assert.equal(answer.images[0].image_url.url, answer.images[0].imageUrl);
});
