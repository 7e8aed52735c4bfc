import assert from "node:assert/strict";
import type { RosterPush } from "../../src/prosody/prosody.ts";
import { createRosterApp, type RosterApp } from "./rig.ts";
import { timed } from "./upstream_rig.ts";
import { createGate, json, type Script, startWebApp, until, type WebApp } from "./web_app.ts";

interface Rig extends RosterApp {
  readonly web: WebApp;
  /** Users that Prosody was told of. */
  readonly told: string[];
  /** Bodies of all requests to the refresh_url. */
  bodies(): string[][];
  /** Changes rosters of these users by the API. */
  change(...users: string[]): Promise<void>;
  /** What the daemon does every second. */
  tick(): Promise<void>;
  /** What is left in the store. */
  left(): Promise<{ pushes: number; untold: number }>;
  /** Time as the circuit breaker sees it goes on, ms. */
  rest(by: number): void;
}

async function createRig(
  answer: Script = () => json({ status: "ok" }),
  { isLinked = true, policy = "managed", push }: {
    isLinked?: boolean;
    policy?: string;
    push?: (user: string, push: RosterPush) => Promise<boolean | undefined>;
  } = {},
): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const web = stack.use(startWebApp(answer));
  const told: string[] = [];
  let changes = 0;
  let rested = 0;
  const rig = stack.use(
    await createRosterApp({
      toml: `[rosters]\npolicy = "${policy}"\nrefresh_url = "${web.origin}/roster_admin/refresh"\n` +
        `refresh_secret = "pssst"`,
      prosody: {
        isLinked: () => isLinked,
        pushRoster: async (_, user, change) => {
          const done = await (push?.(user, change) ?? true);
          if (done) told.push(user);
          return done;
        },
      },
      outbound: { clock: () => performance.now() + rested },
    }),
  );
  const { pushes } = rig.app.services;
  const { db } = rig.app.database;
  const count = async (table: "roster_push" | "roster_untold") =>
    (await db.selectFrom(table).select("id").execute()).length;
  const started = stack.move();
  return {
    ...rig,
    ...{ web, told },
    bodies: () => web.asked.map(({ body }) => JSON.parse(body)),
    async change(...users) {
      const contact = { "marie@example.com": { name: `Marie ${++changes}` } };
      const done = await Promise.all(users.map((user) => rig.call("PUT", `/v1/rosters/${user}`, contact)));
      for (const { status } of done) assert.equal(status, 200);
    },
    async tick() {
      await pushes.deliverAll();
      await pushes.settled();
    },
    left: async () => ({ pushes: await count("roster_push"), untold: await count("roster_untold") }),
    rest: (by) => void (rested += by),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

const nothing = { pushes: 0, untold: 0 };

Deno.test("a refresh_url is told of a change as mod_http_roster_admin wants it, with the secret, and Prosody is told too", async () => {
  await using rig = await createRig();
  await rig.change("john");
  await rig.app.services.pushes.settled();
  assert.deepEqual(rig.bodies(), [["john"]]);
  const [{ method, path, headers }] = rig.web.asked as [WebApp["asked"][number]];
  assert.deepEqual([method, path], ["POST", "/roster_admin/refresh"]);
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("authorization"), "Bearer pssst");
  assert.deepEqual(rig.told, ["john"]);
  assert.deepEqual(await rig.left(), nothing);
});

Deno.test("what does not change a roster is told to nobody", async () => {
  await using rig = await createRig();
  await rig.call("PUT", "/v1/rosters/john", {});
  await rig.tick();
  assert.deepEqual([rig.bodies(), rig.told], [[], []]);
});

Deno.test("many changes are told in few requests, each user once, even if Prosody is not linked", async () => {
  for (const isLinked of [true, false]) {
    const gate = createGate();
    await using rig = await createRig(() => gate.passed.then(() => json({})), { isLinked });
    await rig.change("first");
    await until(() => rig.web.asked.length === 1);
    const users = Array.from({ length: 150 }, (_, i) => `user${i}`);
    await rig.change(...users);
    await rig.change(...users);
    gate.open();
    await rig.tick();
    assert.deepEqual(rig.bodies().map(({ length }) => length), [1, 100, 50]);
    assert.deepEqual(rig.bodies().flat().sort(), ["first", ...users].sort());
    assert.equal(rig.told.length, isLinked ? 301 : 0);
    assert.equal((await rig.left()).untold, 0);
  }
});

Deno.test("a refresh_url that hangs does not keep Prosody from being told of this change and the next", async () => {
  const gate = createGate();
  await using rig = await createRig(() => gate.passed.then(() => json({})));
  const time = await timed(async () => {
    await rig.change("john");
    await until(() => rig.web.asked.length === 1 && rig.told.length === 1);
    await rig.change("aaron");
    await until(() => rig.told.length === 2);
    await rig.app.services.pushes.deliverAll(); // which other hosts wait for
  });
  assert.ok(time < 1_000, `${time} ms`);
  assert.deepEqual(rig.told, ["john", "aaron"]);
  gate.open();
  await rig.tick();
  assert.deepEqual(rig.bodies(), [["john"], ["aaron"]]);
  assert.deepEqual(await rig.left(), nothing);
});

Deno.test("a Prosody that does not answer does not keep a refresh_url from being told", async () => {
  const gate = createGate();
  await using rig = await createRig(undefined, { push: () => gate.passed.then(() => undefined) });
  await rig.change("john");
  await until(() => rig.web.asked.length === 1);
  gate.open();
  await rig.tick();
  await rig.tick();
  assert.deepEqual(rig.bodies(), [["john"]], "and is told once");
  assert.deepEqual(await rig.left(), { pushes: 1, untold: 0 });
});

Deno.test("a refresh_url is told when it is there again, once, and Prosody is not told twice", async () => {
  await using rig = await createRig();
  await rig.web.down();
  await rig.change("john", "aaron");
  await rig.tick();
  await rig.change("john");
  await rig.tick();
  assert.deepEqual(await rig.left(), { pushes: 0, untold: 2 });
  rig.web.up();
  await rig.tick();
  assert.deepEqual(rig.bodies(), [["aaron", "john"]]);
  assert.deepEqual(rig.told.sort(), ["aaron", "john", "john"]);
  await rig.tick();
  assert.equal(rig.web.asked.length, 1);
  assert.deepEqual(await rig.left(), nothing);
});

Deno.test("a refresh_url that answers 500 is asked again until it is better, and rests in between", async () => {
  await using rig = await createRig(() => new Response("no", { status: 500 }));
  await rig.change("john");
  for (let i = 0; i < 10; i++) await rig.tick();
  assert.equal(rig.web.asked.length, 5); // then the breaker opened
  rig.web.answer = () => json({});
  rig.rest(10_001);
  await rig.tick();
  await rig.tick();
  assert.deepEqual(rig.bodies(), Array(6).fill(["john"]));
  assert.deepEqual(await rig.left(), nothing);
});

Deno.test("a change that comes while an older one is being told is told as well", async () => {
  const gate = createGate();
  await using rig = await createRig(() => gate.passed.then(() => json({})));
  await rig.change("john");
  await until(() => rig.web.asked.length === 1);
  await rig.change("john");
  await until(() => rig.told.length === 2);
  gate.open();
  await rig.tick();
  assert.deepEqual(rig.bodies(), [["john"], ["john"]]);
});

Deno.test("a refusal is not repeated, and an answer that is no JSON is as good as any", async () => {
  for (const answer of [() => new Response("no", { status: 400 }), () => new Response("OK")]) {
    await using rig = await createRig(answer);
    await rig.change("john");
    await rig.tick();
    await rig.tick();
    assert.deepEqual(rig.bodies(), [["john"]]);
    assert.deepEqual(await rig.left(), nothing);
  }
});

Deno.test("what could not be told for a week is forgotten", async () => {
  await using rig = await createRig(undefined, { push: () => Promise.resolve(undefined) });
  await rig.web.down();
  await rig.change("john");
  await rig.tick();
  assert.deepEqual(await rig.left(), { pushes: 1, untold: 1 });
  rig.app.advance(6 * 86_400_000);
  await rig.app.services.pushes.sweep();
  assert.deepEqual(await rig.left(), { pushes: 1, untold: 1 });
  rig.app.advance(2 * 86_400_000);
  await rig.app.services.pushes.sweep();
  assert.deepEqual(await rig.left(), nothing);
});

Deno.test("without a refresh_url nothing is kept for one", async () => {
  await using rig = await createRosterApp({ prosody: { isLinked: () => false } });
  await rig.call("PUT", "/v1/rosters/john", { "aaron@example.org": {} });
  await rig.app.services.pushes.settled();
  const { db } = rig.app.database;
  assert.equal((await db.selectFrom("roster_untold").select("id").execute()).length, 0);
});
