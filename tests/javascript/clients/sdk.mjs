// The unmodified @insforge/sdk: all its AI calls, with no more asked of them than that they succeed.
import { createClient } from "@insforge/sdk";

const { ai } = createClient({
  baseUrl: process.env.MOCK_SERVER_URL,
  accessToken: "token",
  retryCount: 0,
});
const messages = [{ role: "user", content: "Why is the sky blue?" }];

await ai.images.generate({ model: "openai/dall-e-3", prompt: "A lake at dawn" });
await ai.chat.completions.create({ model: "openai/gpt-4o", messages });
await ai.embeddings.create({ model: "openai/text-embedding-3-small", input: "Hello" });
