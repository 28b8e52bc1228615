import assert from "node:assert/strict";
import { test } from "node:test";

import { STRICT_URL, client, errorOf } from "./client.js";

const SKY =
  "Air scatters the blue part of sunlight more than the red, " +
  "so blue reaches your eyes from the whole sky.";
const messages = [{ role: "user", content: "Why is the sky blue?" }];
const tools = [{ type: "function", function: { name: "look_up", parameters: { type: "object" } } }];

const create = (more, options) =>
  client(options).ai.chat.completions.create({ model: "openai/gpt-4o", messages, ...more });

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk.choices[0]);
  return chunks;
}

test("a plain answer", async () => {
  const { choices, model, usage } = await create();

  assert.deepEqual(choices, [
    { index: 0, message: { role: "assistant", content: SKY }, finish_reason: "stop" },
  ]);
  assert.equal(model, "openai/gpt-4o");
  assert.deepEqual(usage, { promptTokens: 21, completionTokens: 22, totalTokens: 43 });
});

test("a round of tool calls comes to its end", async () => {
  const first = await create({ tools });
  const [call] = first.choices[0].message.tool_calls;

  assert.equal(first.choices[0].finish_reason, "tool_calls");
  assert.equal(call.function.name, "look_up");
  assert.deepEqual(JSON.parse(call.function.arguments), { city: "Lisbon" });

  const result = { role: "tool", tool_call_id: call.id, content: '{"celsius":21}' };
  const asked = { role: "assistant", content: null, tool_calls: [call] };
  const second = await create({ tools, messages: [...messages, asked, result] });

  assert.equal(second.choices[0].finish_reason, "stop");
  assert.match(second.choices[0].message.content, /21 °C/);
});

test("the tool that toolChoice names is called", async () => {
  const toolChoice = { type: "function", function: { name: "other" } };
  const { choices } = await create({ tools, toolChoice });

  assert.equal(choices[0].message.tool_calls[0].function.name, "other");
});

test("a web search brings its sources", async () => {
  const { choices } = await create({ webSearch: { enabled: true } });

  assert.deepEqual(
    choices[0].message.annotations.map((note) => note.urlCitation.title),
    ["About the OpenAPI Initiative", "OpenAPI Specification"],
  );
});

test("a stream says the same, piece by piece", async () => {
  const chunks = await collect(await create({ stream: true }));

  assert.ok(chunks.length > 3);
  assert.equal(chunks.map((chunk) => chunk.delta.content).join(""), SKY);
});

test("a stream can end with a tool call", async () => {
  const last = (await collect(await create({ stream: true, tools }))).at(-1);

  assert.equal(last.finish_reason, "tool_calls");
  assert.equal(last.delta.tool_calls[0].function.name, "look_up");
});

test("a stream that breaks ends early; this client says nothing of it", async () => {
  const chunks = await collect(await create({ stream: true }, { prefer: "example=stream-broken" }));

  assert.equal(chunks.map((chunk) => chunk.delta.content).join(""), "Air scatters the blue part ");
});

test("a stream that is refused gives the code of the error", async () => {
  const { message } = await errorOf(
    create({ stream: true }, { baseUrl: STRICT_URL, token: "wrong-token" }),
  );

  assert.equal(message, "AUTH_UNAUTHORIZED");
});
