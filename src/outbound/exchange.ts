import { parseJson } from "../core/json.ts";
import { Problem } from "../core/problem.ts";
import { type Call, nameOf } from "./call.ts";
import { OutboundError } from "./outbound_error.ts";

/** What we need of `fetch`. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** What a server answered when all went well. */
export interface Answer {
  readonly status: number;
  readonly etag?: string;
  /** The JSON document; absent when the body is empty. */
  readonly value?: unknown;
}

const mostRedirects = 3;

/**
 * One try: sends a call and reads all of the answer, be it 2xx or the 304 to our `If-None-Match`. Nothing of it
 * is left open, whatever happens.
 * @throws OutboundError of every kind but `resting`
 */
export async function exchange(fetch: Fetch, call: Call): Promise<Answer> {
  const controller = new AbortController();
  const late = new OutboundError(
    "timeout",
    `${nameOf(call)} did not answer in full within ${call.timeout} ms.`,
  );
  const timer = setTimeout(() => controller.abort(late), call.timeout);
  try {
    const response = await follow(fetch, call, controller.signal);
    try {
      return await read(response, call, controller.signal);
    } finally {
      await discard(response);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Redirects stay within the origin: neither a bearer nor a question leaves it. */
async function follow(fetch: Fetch, call: Call, signal: AbortSignal): Promise<Response> {
  let { method, url, body } = call;
  const headers = new Headers(call.headers);
  for (let hops = 0;; hops++) {
    const init = { method, headers, body: body ?? null, redirect: "manual", signal } as const;
    const response = await fromNetwork(call, signal, () => fetch(url, init));
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    await discard(response);
    const target = URL.parse(response.headers.get("location") ?? "//", url);
    const refuse = (why: string) =>
      new OutboundError("redirect", `${nameOf(call)} ${why}.`, { status: response.status });
    if (!target) throw refuse("redirects to nowhere");
    if (target.origin !== url.origin) throw refuse(`redirects to another origin, ${target.origin}`);
    if (hops === mostRedirects) throw refuse(`redirects more than ${mostRedirects} times`);
    target.username = target.password = "";
    url = target;
    if (response.status === 303) { // RFC 9110, 15.4.4; any other asks for the same again, elsewhere
      method = "GET";
      body = undefined;
      headers.delete("content-type");
    }
  }
}

async function read(response: Response, call: Call, signal: AbortSignal): Promise<Answer> {
  const { status } = response;
  const etag = response.headers.get("etag");
  const answer = { status, ...(etag !== null && { etag }) };
  if (status === 304 && call.headers.has("if-none-match")) return answer;
  if (!response.ok) {
    const seconds = response.headers.get("retry-after") ?? "";
    const retryAfter = /^[0-9]{1,9}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
    throw new OutboundError("status", `${nameOf(call)} answered with status ${status}.`, {
      status,
      retryAfter,
    });
  }
  const bytes = await fromNetwork(call, signal, () => readBytes(response, call));
  return bytes.length === 0 ? answer : { ...answer, value: await parse(bytes, status, call) };
}

/** Counts what it holds: a Content-Length may lie, and says nothing of what gzip unfolds to. */
async function readBytes({ body, status }: Response, call: Call): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) { // leaving the loop cancels the body
    length += chunk.length;
    if (length > call.maxBytes) {
      throw new OutboundError(
        "too-large",
        `${nameOf(call)} answered with more than ${call.maxBytes} bytes.`,
        {
          status,
        },
      );
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function parse(bytes: Uint8Array, status: number, call: Call): Promise<unknown> {
  try {
    return await parseJson(bytes, call.limits, `What ${nameOf(call)} answered`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new OutboundError("not-json", error.detail, { status });
  }
}

// Of what Deno's fetch says, the parts that never hold the address.
const harmless = /(?:client error \(\w+\): |^Fetch failed: |^(?=Requires net access))(.*)$/s;

/** Whatever the network throws means that there is no answer. */
async function fromNetwork<T>(call: Call, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    if (signal.aborted) throw signal.reason;
    const { message, cause } = error as { message?: unknown; cause?: { message?: unknown } };
    const why = String(cause?.message ?? message).match(harmless)?.[1];
    throw new OutboundError("unreachable", `${nameOf(call)} got no whole answer${why ? `: ${why}` : ""}.`);
  }
}

async function discard({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => {}); // it may have failed, which has been told
}
