// A page without a library: what it shows is what it reads.
const call = async (method, path, body) => {
  const answer = await fetch(`${process.env.MOCK_SERVER_URL}/api/ai${path}`, {
    method,
    headers: { Authorization: "Bearer token", "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer.json();
};
const messages = [{ role: "user", content: "Why is the sky blue?" }];

const drawn = await call("POST", "/image/generation", { model: "m", prompt: "A lake at dawn" });
console.log(drawn.images.map((image) => image.image_url.url.slice(0, 30)).join("\n"));
const said = await call("POST", "/chat/completion", { model: "m", messages });
console.log(said.text.trim(), said.metadata.usage.totalTokens);
const { data } = await call("POST", "/embeddings", { model: "m", input: "Hello" });
console.log(data.map((one) => one.embedding.length).join(" "));
const models = await call("GET", "/models");
console.log(models.map((model) => model.id.toUpperCase()).join(" "));
