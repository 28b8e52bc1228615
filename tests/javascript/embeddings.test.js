import assert from "node:assert/strict";
import { test } from "node:test";

import { client } from "./client.js";

const create = (input) =>
  client().ai.embeddings.create({ model: "openai/text-embedding-3-small", input });

test("one text", async () => {
  const { object, data, model, usage } = await create("Hello world");

  assert.equal(object, "list");
  assert.deepEqual(data.map(({ index, embedding }) => [index, embedding.length]), [[0, 8]]);
  assert.equal(model, "openai/text-embedding-3-small");
  assert.deepEqual(usage, { prompt_tokens: 2, total_tokens: 2 });
});

for (const texts of [[], ["a"], ["a", "b"], ["a", "b", "c"]]) {
  test(`a list of ${texts.length}`, async () => {
    const { data } = await create(texts);

    assert.deepEqual(data.map(({ index }) => index), [...texts.keys()]);
  });
}
