// InsForge's own client, unmodified, pointed at the mock that the environment names.
import { createClient } from "@insforge/sdk";

/** A mock that accepts any token, and one that accepts `right-token` alone. */
export const { MOCK_URL, STRICT_URL } = process.env;

/** A client with a token (null: none); `prefer` is what it wishes for with every request. */
export function client({ baseUrl = MOCK_URL, token = "right-token", prefer } = {}) {
  return createClient({
    baseUrl,
    accessToken: token,
    retryCount: 0,
    headers: prefer ? { Prefer: prefer } : {},
  });
}

/** The error that a promise ends with, as plain data. */
export async function errorOf(promise) {
  try {
    await promise;
  } catch ({ name, error, message, statusCode, nextActions }) {
    return { name, error, message, statusCode, nextActions };
  }
  throw new Error("it succeeded");
}
