// Steers and watches a mock-server from TypeScript tests. Copy this file; it needs nothing but
// `fetch`. What each member means stands in mock.md beside it, under "Scenarios" and "What was
// asked"; recipes.md uses it.

/** One step of a scenario. What is left out is chosen as for any other answer. */
export interface Answer {
  status?: number;
  example?: string;
  headers?: Record<string, string>;
  /** A text is sent as it stands, any other value as JSON. */
  body?: unknown;
  media?: string;
  /** Seconds, or a random time between two bounds. */
  delay?: number | { min: number; max: number };
  /** How often it is played; 1 without it. */
  times?: number;
  /** Where the connection ends: before the head, after it, or after so many bytes of the body. */
  cut?: "before" | "headers" | { after: number };
  /** Bytes a second. */
  pace?: number;
  /** How many events of a stream are sent. */
  events?: number;
}

/** A request of the journal, and what was decided about it. Credentials are masked. */
export interface Entry {
  id: number;
  at: string;
  key: string | null;
  operation: string | null;
  method: string;
  target: string;
  headers: Record<string, string>;
  body: unknown;
  status: number;
  source: string;
  violations: { keyword: string; message: string; [where: string]: unknown }[];
  scenario: string | null;
  ms: number;
}

/** Which requests are meant. */
export interface Filter {
  operation?: string;
  status?: number;
}

/** Which requests are expected, and how many: one at least, where `times` says nothing. */
export interface Expected extends Filter {
  /** A JSON Schema for `{path, query, headers, body}`. */
  match?: object;
  times?: number | { min?: number; max?: number };
}

/** Whether they came; `nearest` are those that did not match, each with its reasons. */
export interface Verification {
  ok: boolean;
  count: number;
  nearest: { id: number; why: string[] }[];
}

/** The mock has refused what it was asked: `message` is its own sentence. */
export class MockError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "MockError";
    this.status = status;
  }
}

/**
 * A mock at a URL. With a `key`, everything here is about the requests that send it: give `headers`
 * to whatever makes them. Two tests with two keys do not meet.
 *
 * In a page of another origin it needs `adminToken`; or, where the mock has `--allow-page-scenarios`,
 * a key that the page has sent with a request of its own before.
 */
export class MockClient {
  readonly url: string;
  readonly key: string | undefined;
  /** What the page, or the client under test, has to send. */
  readonly headers: Record<string, string>;
  readonly #token: string | undefined;

  constructor(url = "http://127.0.0.1:4010", options: { key?: string; adminToken?: string } = {}) {
    this.url = url.replace(/\/$/, "");
    this.key = options.key;
    this.headers = options.key === undefined ? {} : { "X-Mock-Key": options.key };
    this.#token = options.adminToken;
  }

  /** Put an operation (`POST /api/…`, an operationId, or `*`) into a state. */
  async scenario(
    operation: string,
    answers: Answer | Answer[],
    more: { name?: string; repeat?: boolean } = {},
  ): Promise<{ id: string; name: string; undocumented: string[] }> {
    const document = { ...more, operation, answers: [answers].flat(), key: this.key };
    return this.#ask("POST", "scenarios", document);
  }

  /** Take a scenario back. */
  async takeBack(id: string): Promise<void> {
    await this.#ask("DELETE", `scenarios/${id}`);
  }

  /** The last requests, newest first. */
  async requests(filter: Filter & { since?: number; limit?: number } = {}): Promise<Entry[]> {
    const query = this.#query({ ...filter, key: this.key });
    return this.#ask("GET", `requests${query}`);
  }

  /** Whether the expected requests came. */
  async verify(expected: Expected): Promise<Verification> {
    return this.#ask("POST", "requests/verify", { ...expected, key: this.key });
  }

  /** As good as new: nothing is remembered, and only the scenarios of `--scenarios` wait. */
  async reset(): Promise<void> {
    await this.#ask("POST", `reset${this.#query({ key: this.key })}`);
  }

  #query(members: Record<string, string | number | undefined>): string {
    const given = Object.entries(members).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return given.length > 0 ? `?${text}` : "";
  }

  async #ask<T>(method: string, path: string, document?: object): Promise<T> {
    const answer = await fetch(`${this.url}/__mock/${path}`, {
      method,
      headers: this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` },
      body: document === undefined ? null : JSON.stringify(document),
    });
    const text = await answer.text();
    if (!answer.ok) throw new MockError(answer.status, JSON.parse(text).detail);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}
