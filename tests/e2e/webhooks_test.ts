import assert from "node:assert/strict";
import { Webhook as Verifier } from "standardwebhooks";
import { xml } from "./xmpp_client.ts";
import { type CoupletDaemon, startCouplet } from "./daemon.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually, startPair } from "./pair.ts";
import { conditionOf } from "./xmpp_client.ts";

const host = "example.org";

interface Got {
  readonly id: string;
  readonly type: string;
  // deno-lint-ignore no-explicit-any -- whatever the event says
  readonly data: any;
}

/** A receiver as people write one: it verifies with the library, and refuses what is not signed. */
function startReceiver(answer: (got: Got, n: number) => Response | Promise<Response> = () => new Response()) {
  const got: Got[] = [];
  const refused: string[] = [];
  const receiver = { got, refused, answer, secret: "whsec_AAAA", url: "" };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.text();
    try {
      const event = new Verifier(receiver.secret).verify(body, Object.fromEntries(request.headers)) as Omit<
        Got,
        "id"
      >;
      const one = { id: request.headers.get("webhook-id")!, ...event };
      got.push(one);
      return await receiver.answer(one, got.length);
    } catch (error) {
      refused.push(`${error} ${body}`);
      return new Response(null, { status: 401 });
    }
  });
  receiver.url = `http://127.0.0.1:${server.addr.port}/`;
  return Object.assign(receiver, { [Symbol.asyncDispose]: () => server.shutdown() });
}

async function cli(couplet: CoupletDaemon, ...args: string[]) {
  const { code, stdout, stderr } = await couplet.cli(...args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

async function createHook(couplet: CoupletDaemon, url: string, ...more: string[]) {
  const made = await cli(couplet, "webhooks", "create", host, url, "--json", ...more);
  return JSON.parse(made) as { id: string; secret: string };
}

/** Settings for the daemon and for commands alike. */
async function settings(stack: AsyncDisposableStack) {
  const config = await Deno.makeTempFile({ prefix: "couplet-", suffix: ".toml" });
  stack.defer(() => Deno.remove(config));
  await Deno.writeTextFile(
    config,
    'invites = { registration_invite_only = false }\n[webhooks]\nallow_private = true\ntimeout = "2s"\n',
  );
  return { COUPLET_CONFIG: config };
}

async function startDaemon(stack: AsyncDisposableStack) {
  const daemon = stack.use(await startCouplet({ hosts: [host], env: await settings(stack) }));
  const key = await cli(daemon, "keys", "create", host, "--scope", "invites:create");
  const invite = async () => {
    const answer = await fetch(`${daemon.url}/v1/invites`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(answer.status, 201);
    return (await answer.json()).id as string;
  };
  return { daemon, invite };
}

Deno.test("a webhook made on the command line is told what its receiver can verify, and is tested, listed and replayed", async () => {
  await using stack = new AsyncDisposableStack();
  const { daemon, invite } = await startDaemon(stack);
  const receiver = stack.use(startReceiver());
  const { id, secret } = await createHook(daemon, receiver.url, "--event", "invite.created");
  receiver.secret = secret;
  const made = await invite();
  await eventually(() => receiver.got.length === 1);
  assert.deepEqual([receiver.got[0]!.type, receiver.got[0]!.data.invite.id], ["invite.created", made]);
  assert.match(await cli(daemon, "webhooks", "test", host, id), /^It took it: status 200, \d+ ms\.$/);
  assert.equal(receiver.got[1]!.type, "webhook.test");
  await eventually(async () =>
    /\tdelivered\tinvite\.created\t.*\t1×\t200$/.test(await cli(daemon, "webhooks", "deliveries", host, id))
  );
  await cli(daemon, "webhooks", "replay", host, id, "--event", receiver.got[0]!.id);
  await eventually(() => receiver.got.length === 3);
  assert.deepEqual(receiver.got[2], receiver.got[0]);
  receiver.secret = JSON.parse(await cli(daemon, "webhooks", "rotate", host, id, "--json")).secret;
  await invite();
  await eventually(() => receiver.got.length === 4);
  await cli(daemon, "webhooks", "set", host, id, "--disable");
  assert.match(await cli(daemon, "webhooks", "list", host), /\tdisabled\thttp/);
  await cli(daemon, "webhooks", "delete", host, id);
  assert.equal(await cli(daemon, "webhooks", "list", host), "");
  const wrong = await daemon.cli("webhooks", "create", host, "https://127.0.0.1/", "--event", "invite.eaten");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /There is no event "invite\.eaten"/);
  assert.deepEqual(receiver.refused, []);
});

Deno.test("through crashes, restarts and a receiver that lies, nothing is lost, and what comes twice has one id", async () => {
  await using stack = new AsyncDisposableStack();
  const { daemon, invite } = await startDaemon(stack);
  // One takes too long, of five one is slow, and one is refused when it comes first.
  const seen = new Set<string>();
  const receiver = stack.use(startReceiver(async ({ id }, n) => {
    const isNew = !seen.has(id);
    seen.add(id);
    if (n === 3) await new Promise((resolve) => setTimeout(resolve, 2_200));
    if (n % 5 === 1) await new Promise((resolve) => setTimeout(resolve, 50));
    return new Response(null, { status: isNew && n % 5 === 2 ? 400 : 204 });
  }));
  const dead = await createHook(daemon, "http://127.0.0.1:1/");
  const { id, secret } = await createHook(daemon, receiver.url, "--event", "invite.created");
  receiver.secret = secret;
  const made: string[] = [];
  for (const end of ["kill", "stop", "kill", "kill"] as const) {
    const before = receiver.got.length;
    for (let i = 0; i < 10; i++) made.push(await invite());
    await eventually(() => receiver.got.length > before);
    await daemon[end]();
    await daemon.restart();
  }
  const taken = () => new Set(receiver.got.map(({ data }) => data.invite.id));
  await eventually(() => taken().size === made.length, 20_000);
  assert.deepEqual(taken(), new Set(made));
  const ids = new Map<string, string>();
  for (const { id, data } of receiver.got) {
    assert.equal(ids.get(data.invite.id) ?? id, id);
    ids.set(data.invite.id, id);
  }
  await eventually(async () => { // those that were not taken come again after five seconds
    const list = JSON.parse(await cli(daemon, "webhooks", "deliveries", host, id, "--json"));
    const states = list.deliveries.map(({ state }: { state: string }) => state);
    assert.equal(states.length, made.length);
    return states.every((state: string) => state === "delivered");
  }, 20_000);
  assert.deepEqual(receiver.refused, []);
  assert.match(await cli(daemon, "webhooks", "list", host), new RegExp(`${dead.id}\tfailing\t`));
});

onEachProsody(
  "who registers, with an invite and without, is told, and whose roster changed",
  async (install) => {
    await using stack = new AsyncDisposableStack();
    await using pair = await startPair(install, {
      env: await settings(stack),
      hostConfig: { [host]: "registration_invite_only = false" },
    });
    await using receiver = startReceiver();
    receiver.secret = (await createHook(pair.couplet, receiver.url)).secret;
    const { id, token } = await pair.invite();
    await using guest = await pair.guest(token);
    assert.equal(conditionOf(await guest.register("alice", "a secret")), undefined);
    await using stranger = await pair.stream();
    assert.equal(conditionOf(await stranger.register("bob", "a secret")), undefined);
    await using refused = await pair.stream();
    assert.equal(conditionOf(await refused.register("bob", "a secret")), "conflict");
    const told = (type: string) => receiver.got.filter((got) => got.type === type).map(({ data }) => data);
    await eventually(() => told("account.registered").length === 2);
    const [alice, bob] = told("account.registered");
    assert.deepEqual([alice.jid, alice.invite.id, alice.invite.state], [`alice@${host}`, id, "used"]);
    assert.deepEqual(bob, { host, jid: `bob@${host}` });
    assert.deepEqual(told("invite.redeemed").map(({ redeemed_by }) => redeemed_by), [`alice@${host}`]);
    assert.deepEqual(told("roster.changed"), []);

    await using client = await pair.user("bob");
    const item = xml("item", { jid: "x@example.com", name: "X" });
    const set = await client.iq("set", undefined, xml("query", { xmlns: "jabber:iq:roster" }, item));
    assert.equal(conditionOf(set), undefined);
    await eventually(() => told("roster.changed").length > 0);
    assert.deepEqual(told("roster.changed")[0], { host, jid: `bob@${host}` });
    assert.equal((await pair.rosterApi("PUT", "/rosters/alice", { "y@example.com": {} })).status, 200);
    await eventually(() => told("roster.changed").some(({ jid }) => jid === `alice@${host}`));
    assert.deepEqual(receiver.refused, []);
  },
);
