import assert from "node:assert/strict";
import { Webhook as Signer } from "standardwebhooks";
import { operator } from "../../src/core/actor.ts";
import type { NewWebhook } from "../../src/webhooks/webhook.ts";
import { createTestApp, type TestApp } from "../harness.ts";

export const host = "example.org";
export const me = operator(host);

/** One request to a receiver. */
export interface Got {
  readonly id: string;
  readonly type: string;
  // deno-lint-ignore no-explicit-any -- whatever the event says
  readonly data: any;
  readonly headers: Headers;
  readonly body: string;
  readonly path: string;
}

/** A receiver of webhooks, which answers as it is told. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly got: Got[];
  answer: (got: Got) => Response | Promise<Response>;
}

export function startReceiver(): Receiver {
  const got: Got[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.text();
    const { type, data } = JSON.parse(body);
    const { headers } = request;
    const one = {
      id: headers.get("webhook-id")!,
      type,
      data,
      headers,
      body,
      path: new URL(request.url).pathname,
    };
    got.push(one);
    return await receiver.answer(one);
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    got,
    answer: () => new Response(null, { status: 204 }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return receiver;
}

export const createApp = (toml = "", options: Parameters<typeof createTestApp>[0] = {}): Promise<TestApp> =>
  createTestApp({ toml: `[webhooks]\nallow_private = true\n${toml}`, ...options });

export const hook = (app: TestApp, url: string, events: string[] = ["*"], actor = me): Promise<NewWebhook> =>
  app.services.webhooks.create(actor, { url, events });

/** Has all sent that is due a second from now, and waits for it. */
export async function deliver(app: TestApp, by = 1_000): Promise<void> {
  app.advance(by);
  await app.services.deliveries.deliverAll();
  await app.services.deliveries.settled();
}

/** Which secrets an event is signed with. */
export function signedWith({ id, headers, body }: Got, ...secrets: string[]): boolean[] {
  const time = new Date(Number(headers.get("webhook-timestamp")) * 1_000);
  const signatures = headers.get("webhook-signature")!.split(" ");
  assert.ok(signatures.every((one) => one.startsWith("v1,")));
  return secrets.map((secret) => signatures.includes(new Signer(secret).sign(id, time, body)));
}

export const statesOf = async (app: TestApp, id: string) =>
  (await app.services.webhookReplays.list(me, id, { limit: 100 })).deliveries.map(({ state }) => state)
    .reverse();
