import assert from "node:assert/strict";
import { createOutbound, type Outbound, type OutboundNeeds } from "../../src/outbound/outbound.ts";
import { OutboundError, type OutboundFailure } from "../../src/outbound/outbound_error.ts";

export type Handler = (request: Request, url: URL) => Response | Promise<Response>;
export interface Rig {
  readonly out: Outbound;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** What came in: method, path and query, body. */
  readonly seen: string[];
  readonly logged: string[];
}

export const limits = { timeout: 2_000, maxBytes: 1_000 };
export const json = (value: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(value), init);

/** A real server, and an outbound that hardly waits between tries. */
export async function rig(
  handler: Handler,
  work: (rig: Rig) => Promise<void>,
  needs: Partial<OutboundNeeds> = {},
) {
  const seen: string[] = [];
  const logged: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const url = new URL(request.url);
    seen.push(`${request.method} ${url.pathname}${url.search} ${await request.text()}`.trimEnd());
    return await handler(request, url);
  });
  const note = (level: string) => (message: string, more: Record<string, unknown>) =>
    void logged.push(`${level} ${message} ${JSON.stringify(more)}`);
  const out = createOutbound({
    log: { info: note("info"), warn: note("warn") },
    backoff: { first: 1, max: 20 },
    ...needs,
  });
  try {
    await work({ out, origin: `http://127.0.0.1:${server.addr.port}`, seen, logged });
  } finally {
    await server.shutdown();
  }
}

/** A server below HTTP: it reads a little, writes `answer`, and hangs up. */
export async function rawRig(answer: string, work: (origin: string) => Promise<void>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4_096));
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })();
  try {
    await work(`http://127.0.0.1:${listener.addr.port}`);
  } finally {
    listener.close();
    await serving;
  }
}

/** Waits for the failure, and says when it is another. */
export async function failure(
  call: Promise<unknown>,
  kind: OutboundFailure,
  status?: number,
): Promise<OutboundError> {
  const error = await call.then(
    (value) => assert.fail(`no failure: ${JSON.stringify(value)}`),
    (error) => error,
  );
  assert.ok(error instanceof OutboundError, String(error));
  assert.deepEqual([error.kind, error.status], [kind, status], error.message);
  return error;
}
