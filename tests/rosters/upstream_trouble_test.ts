import assert from "node:assert/strict";
import { readConfig } from "../../src/config.ts";
import { createHosts } from "../../src/hosts/hosts.ts";
import { createOutbound } from "../../src/outbound/outbound.ts";
import { createUpstream } from "../../src/rosters/upstream.ts";
import { control, createTestApp } from "../harness.ts";
import { contact } from "./rig.ts";
import { createUpstreamRig, timed, type UpstreamRig } from "./upstream_rig.ts";
import { createGate, json, type Script, startWebApp, until, type WebApp } from "./web_app.ts";

const marie = { "marie@example.org": { name: "Marie" } };
const known = { "marie@example.org": contact("Marie") };

/** Whoever logs in finds what was known before, and the log says once what is wrong. */
async function staysGood(rig: UpstreamRig, reason: RegExp): Promise<void> {
  const before = rig.pushed.length;
  await rig.call("POST", "/roster_admin/refresh", ["john"]);
  await rig.settled();
  assert.deepEqual(await rig.roster(), known);
  assert.deepEqual(Object.keys(await rig.lookup()), Object.keys(known));
  assert.equal(rig.pushed.length, before);
  const lines = rig.logged.splice(0);
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0]!, reason);
}

const status = (code: number): Script => () => new Response("no", { status: code });
const text = (body: string): Script => () => new Response(body);

Deno.test("whatever an app answers that is no roster, the last known good one stays, and the log says why", async () => {
  await using rig = await createUpstreamRig(() => json(marie), {
    rosters: 'max_body = 2000\nmax_items = 5\nhttp_roster_timeout = "5s"',
  });
  await using other = startWebApp(() => json({}));
  await rig.lookup();
  await rig.settled();
  const bad = { "aaron@example.org": { name: "Aaron" }, "zoe@example.org": { name: 5 } };
  const many = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`user${i}@example.org`, {}]));
  const answers: [Script, RegExp][] = [
    [status(404), /status 404/],
    [status(401), /status 401/],
    [status(500), /status 500/],
    [text("[]"), /A roster is an object/],
    [text('"no"'), /A roster is an object/],
    [text("null"), /A roster is an object/],
    [text("{bad"), /john answered is not JSON: expected a name in quotes or "}" at line 1, column 2/],
    [
      text('{"a@b.org": {}, "a\\u0040b.org": {}}'),
      /answered names a member twice in one object at line 1, column 17/,
    ],
    [text("[".repeat(2_000)), /answered has more than 64 levels at line 1, column 65/],
    [text(""), /answered with nothing/],
    [() => json(bad), /\/zoe@example.org\/name: A name must be text/],
    [() => json({ ...marie, "a b@example.org": {} }), /\/a b@example.org: This is not a JID/],
    [() => json({ ...marie, "aaron@example.org": "Aaron" }), /\/aaron@example.org: A contact is an object/],
    [() => json({ ...marie, "aaron@example.org": { subscription: "all" } }), /subscription: Use one of/],
    [() => json(many), /5 contacts at most; this one has 6/],
    [text(" ".repeat(2_001)), /more than 2000 bytes/],
    [() => new Response(null, { status: 302, headers: { location: `${other.origin}/x` } }), /another origin/],
  ];
  for (const [answer, reason] of answers) {
    rig.web.answer = answer;
    await staysGood(rig, reason);
  }
  assert.equal(other.asked.length, 0);
  assert.equal(rig.web.asked.length, 1 + answers.length);
});

Deno.test("an app that never ends its answer has a limited time for it", async () => {
  await using rig = await createUpstreamRig(() => json(marie), { rosters: 'http_roster_timeout = "1s"' });
  await rig.lookup();
  await rig.settled();
  let drips: ReturnType<typeof setInterval> | undefined;
  rig.web.answer = () =>
    new Response(
      new ReadableStream({
        start: (controller) => {
          drips = setInterval(() => controller.enqueue(new TextEncoder().encode(" ")), 20);
        },
        cancel: () => clearInterval(drips),
      }),
    );
  await staysGood(rig, /did not answer in full within 1000 ms/);
  clearInterval(drips);
});

Deno.test("an app that is down holds nobody up: not the first lookup, and with the breaker open it is not even tried", async () => {
  await using rig = await createUpstreamRig();
  await rig.web.down();
  for (let i = 0; i < 5; i++) {
    const time = await timed(async () => assert.equal(await rig.lookup(`user${i}`), undefined));
    assert.ok(time < 150, `${time} ms`);
  }
  assert.equal(rig.logged.length, 5);
  rig.web.answer = () => json(marie);
  rig.web.up();
  const time = await timed(() => Promise.all(Array.from({ length: 20 }, (_, i) => rig.lookup(`more${i}`))));
  assert.ok(time < 150, `${time} ms`);
  await rig.settled();
  assert.equal(rig.web.asked.length, 0);
  assert.equal(rig.logged.length, 5, "one line for each try, none for those who were not tried");
});

Deno.test("an app that hangs holds up the first lookup alone, and none when the breaker is open", async () => {
  const gate = createGate();
  await using rig = await createUpstreamRig(() => gate.passed.then(() => json(marie)), {
    rosters: 'http_roster_timeout = "1s"',
  });
  const all = await timed(async () => {
    for (let i = 0; i < 20; i++) assert.equal(await rig.lookup(`user${i}`), undefined);
  });
  assert.ok(all < 700, `${all} ms`);
  await rig.settled();
  const late = await timed(() => rig.lookup("late"));
  assert.ok(late < 100, `${late} ms`);
  gate.open();
});

Deno.test("when the app is back, the sweep asks for those who were missed, and Prosody is told", async () => {
  await using rig = await createUpstreamRig(status(503));
  const users = Array.from({ length: 30 }, (_, i) => `user${i}`);
  for (const user of users) await rig.lookup(user);
  await rig.settled();
  assert.equal(rig.web.asked.length, 5); // then the breaker opened
  rig.web.answer = ({ path }) => json({ [`friend-of-${path.split("/").at(-1)}@example.org`]: {} });
  const { sweep } = rig.app.services.upstream;
  await sweep();
  await rig.settled();
  assert.equal(rig.web.asked.length, 5, "an app that rests is left alone");
  rig.rest(10_001);
  await sweep(); // one goes ahead to see whether it is back
  await rig.settled();
  await sweep();
  await rig.settled();
  assert.equal(rig.web.asked.length, 5 + users.length);
  assert.deepEqual(rig.pushed.map(({ user }) => user).sort(), users.toSorted());
  assert.deepEqual(Object.keys(await rig.roster("user7")), ["friend-of-user7@example.org"]);
  await sweep();
  await rig.settled();
  assert.equal(rig.web.asked.length, 5 + users.length, "nobody is owed anything any more");
});

Deno.test("who is refused for good is not asked for again by the sweep, but by the next login", async () => {
  await using rig = await createUpstreamRig(status(503));
  await rig.lookup();
  rig.web.answer = status(404);
  await rig.app.services.upstream.sweep();
  await rig.settled();
  await rig.app.services.upstream.sweep();
  await rig.settled();
  assert.equal(rig.web.asked.length, 2);
  await rig.lookup(); // within a moment of the last answer
  assert.equal(rig.web.asked.length, 2);
});

Deno.test("one host's hanging app takes nothing from another host", async () => {
  const gate = createGate();
  await using hanging = startWebApp(() => gate.passed.then(() => json(marie)));
  await using other = startWebApp(() => json(marie));
  await using app = await createTestApp();
  const at = (domain: string, { origin }: WebApp) => ({
    domain,
    own: { "rosters.policy": "upstream" as const, "rosters.http_roster_url": `${origin}/%s` },
  });
  const upstream = createUpstream({
    ...{ database: app.database, pushes: app.services.pushes, clock: app.now, isLocal: () => true },
    ...{
      room: { maxItems: 10, maxBytes: 1 << 20 },
      maxBytes: 10_000,
      timeout: 60_000,
      emit: () => Promise.resolve(),
      wait: 10,
    },
    hosts: createHosts([at("example.org", hanging), at("example.net", other)], {
      url: (domain) => `http://${domain}`,
      settings: readConfig({ env: {} }),
    }),
    outbound: createOutbound({ log: { info() {}, warn() {} } }),
  });
  for (let i = 0; i < 20; i++) upstream.arriving("example.org", `user${i}`);
  const fetched = upstream.fetch("example.net", "john");
  await until(() => other.asked.length === 1);
  await fetched;
  await until(() => hanging.asked.length === 16);
  gate.open();
  await upstream.settled();
});

const largest = 4 << 20; // bytes, as `max_body` has it
const members = (count: number, value: string) =>
  Array.from({ length: count }, (_, i) => `"u${i}@b.org":${value}`);
/** What an app would send to make us busy, and why it is refused. */
const hostile: readonly (readonly [what: string, body: string, reason: RegExp])[] = [
  ["a million levels", "[".repeat(1e6) + "]".repeat(1e6), /more than 64 levels/],
  [
    "350,000 members",
    `{${Array.from({ length: 350_000 }, (_, i) => `"k${i}":0`)}}`,
    /more than 30000 different names/,
  ],
  ["a million values", `[${"{},".repeat(1e6)}0]`, /more than 210000 values/],
  ["25,000 contacts", `{${members(25_000, '{"groups":{"a":1,"b":1,"c":1}}')}}`, /20000 contacts at most/],
];

for (const [what, body, reason] of hostile) {
  Deno.test(`sixteen hostile answers at once, ${what} each, hold up no lookup`, async () => {
    assert.ok(body.length <= largest);
    await using rig = await createUpstreamRig(() => new Response(body), {
      rosters: 'http_roster_timeout = "60s"',
    });
    const lookup = () => rig.app.iq("get", "local@example.org", control("roster"));
    await lookup();
    let [longest, isOver] = [0, false];
    const watching = (async () => {
      while (!isOver) {
        const time = timed(() => new Promise((resolve) => setTimeout(resolve, 0)).then(lookup));
        longest = Math.max(longest, await time);
      }
    })();
    for (let i = 0; i < 16; i++) await rig.arriving(`user${i}`);
    await until(() => rig.web.asked.length === 16);
    await rig.settled();
    isOver = true;
    await watching;
    assert.equal(rig.logged.length, 16);
    for (const line of rig.logged) assert.match(line, reason);
    assert.ok(longest < 500, `a lookup took ${longest} ms`); // 30 where nobody else is busy
  });
}
