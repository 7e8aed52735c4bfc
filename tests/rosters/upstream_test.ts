import assert from "node:assert/strict";
import { control } from "../harness.ts";
import { contact } from "./rig.ts";
import { createUpstreamRig, timed } from "./upstream_rig.ts";
import { createGate, json, until } from "./web_app.ts";

const marie = { "marie@example.com": { name: "Marie" } };

Deno.test("the first lookup of a roster asks the app, and shows what it answers: groups as list or object, both unless it says otherwise", async () => {
  await using rig = await createUpstreamRig(() =>
    json({
      "marie@example.com": { name: "Marie", groups: ["Work", "Friends"] },
      "aaron@example.org": { groups: { Family: true }, subscription: "to" },
      "Élodie@Example.ORG": {},
      "odd@example.org": { name: null, groups: [], subscription: "none" },
    })
  );
  const seen = await rig.lookup();
  assert.deepEqual(seen["aaron@example.org"], { subscription: "to", groups: { Family: true } });
  assert.deepEqual(seen["élodie@example.org"], { subscription: "both", groups: {} });
  assert.deepEqual(seen["odd@example.org"], { subscription: "none", groups: {} });
  // Elsewhere a subscription must be asked for, and is granted in advance.
  assert.deepEqual(seen["marie@example.com"], {
    ...{ name: "Marie", subscription: "none", ask: "subscribe", approved: "true" },
    groups: { Friends: true, Work: true },
  });
  await rig.settled();
  const [first] = rig.pushed;
  assert.deepEqual(
    first!.push.items.flatMap(({ jid, notices }) => notices ? [[jid, ...notices]] : []),
    [["marie@example.com", "subscribe"]],
  );
  assert.equal(rig.web.asked.length, 1);
});

Deno.test("members that mean nothing here, what groups are set to, and the user's own JID are overlooked", async () => {
  await using rig = await createUpstreamRig(() =>
    json({
      "john@example.org": { name: "Myself" },
      "marie@example.org": { name: "Marie", avatar: "m.png", groups: { Friends: 1, Work: {} }, approved: 7 },
      "bob@example.org": { name: null },
    })
  );
  await rig.lookup();
  assert.deepEqual(await rig.roster(), {
    "bob@example.org": contact(),
    "marie@example.org": contact("Marie", ["Friends", "Work"]),
  });
  assert.deepEqual(rig.logged, []);
});

Deno.test("a username is encoded in the address, wherever and however often %s stands", async () => {
  await using rig = await createUpstreamRig(undefined, { template: "/%s/x%20y?user=%s&all=100%" });
  for (const user of ["jöhn", "a%b", "x$y", "z?w", "p#q"]) await rig.lookup(user);
  assert.deepEqual(
    rig.web.asked.map(({ path }) => path),
    ["j%C3%B6hn", "a%25b", "x%24y", "z%3Fw", "p%23q"].map((text) => `/${text}/x%20y?user=${text}&all=100%`),
  );
});

Deno.test("the app is asked with the secret as a Bearer token, and for JSON", async () => {
  await using rig = await createUpstreamRig(undefined, { rosters: 'http_roster_secret = "s3cret~"' });
  await rig.lookup();
  const { headers, method } = rig.web.asked[0]!;
  assert.equal(method, "GET");
  assert.equal(headers.get("authorization"), "Bearer s3cret~");
  assert.equal(headers.get("accept"), "application/json");
});

Deno.test("an ETag is kept and shown again, and the 304 to it changes nothing", async () => {
  await using rig = await createUpstreamRig(({ headers }) =>
    headers.get("if-none-match") === '"one"'
      ? new Response(null, { status: 304 })
      : json(marie, { headers: { etag: '"one"' } })
  );
  await rig.lookup();
  const before = (await rig.call("GET", "/v1/rosters/john")).headers.get("etag");
  assert.equal((await rig.call("POST", "/roster_admin/refresh", ["john"])).body.updated, 1);
  assert.deepEqual(rig.web.asked.map(({ headers }) => headers.get("if-none-match")), [null, '"one"']);
  const after = await rig.call("GET", "/v1/rosters/john");
  assert.equal(after.headers.get("etag"), before);
  assert.deepEqual(Object.keys(after.body), ["marie@example.com"]);
  assert.equal(rig.pushed.length, 1);
});

/** What Prosody does when a contact elsewhere leaves. */
const drop = (version: number) => ({ version, items: [["marie@example.com", false]] as const });

Deno.test("after a change by another way the ETag is not shown: a 304 would leave a wrong roster", async () => {
  await using rig = await createUpstreamRig(() => json(marie, { headers: { etag: '"one"' } }));
  await rig.lookup();
  await rig.app.services.rosterRecords.save("example.org", "john", drop(9), false);
  assert.deepEqual(await rig.roster(), {});
  await rig.call("POST", "/roster_admin/refresh", ["john"]);
  assert.deepEqual(rig.web.asked.map(({ headers }) => headers.get("if-none-match")), [null, null]);
  assert.deepEqual(Object.keys(await rig.roster()), ["marie@example.com"]);
});

Deno.test("a change while the app thinks of its 304 has it asked again, without the ETag", async () => {
  await using rig = await createUpstreamRig(() => json(marie, { headers: { etag: '"one"' } }));
  await rig.lookup();
  rig.web.answer = async ({ headers }) => {
    if (!headers.has("if-none-match")) return json(marie, { headers: { etag: '"one"' } });
    await rig.app.services.rosterRecords.save("example.org", "john", drop(9), false);
    return new Response(null, { status: 304 });
  };
  assert.equal((await rig.call("POST", "/roster_admin/refresh", ["john"])).body.updated, 1);
  assert.deepEqual(
    rig.web.asked.map(({ headers }) => headers.get("if-none-match")),
    [null, '"one"', null],
  );
  assert.deepEqual(Object.keys(await rig.roster()), ["marie@example.com"]);
});

Deno.test("Prosody waits a moment for a slow app, at the first lookup of a user and no longer; the answer is pushed when it comes", async () => {
  const gate = createGate();
  await using rig = await createUpstreamRig(() => gate.passed.then(() => json(marie)));
  const first = await timed(async () => assert.equal(await rig.lookup(), undefined));
  assert.ok(first >= 240 && first < 600, `${first} ms`);
  // Who comes next is not made to wait for an app that has just been too slow.
  for (const user of ["john", "aaron", "zoe"]) {
    const next = await timed(async () => assert.equal(await rig.lookup(user), undefined));
    assert.ok(next < 100, `${next} ms`);
  }
  assert.equal(rig.pushed.length, 0);
  gate.open();
  await rig.settled();
  assert.deepEqual(rig.pushed.map(({ user }) => user).sort(), ["aaron", "john", "zoe"]);
  assert.deepEqual(Object.keys(await rig.lookup()), ["marie@example.com"]);
  assert.equal(rig.web.asked.length, 3);
});

Deno.test("a username that means another folder is never put into an address", async () => {
  await using rig = await createUpstreamRig(() => json(marie));
  for (const user of [".", ".."]) assert.equal(await rig.lookup(user), undefined);
  await rig.settled();
  assert.equal(rig.web.asked.length, 0);
});

Deno.test("a name that nobody logs in with is neither asked for nor waited for", async () => {
  await using rig = await createUpstreamRig(() => json(marie));
  for (const name of ["stranger", "another"]) {
    const reply = await rig.app.iq("get", `${name}@example.org`, control("roster"));
    assert.equal(reply.getChild("roster"), undefined);
  }
  await rig.settled();
  assert.equal(rig.web.asked.length, 0);
  assert.deepEqual(Object.keys(await rig.lookup("stranger")), ["marie@example.com"]);
});

Deno.test("with a known copy a lookup is answered at once, however slow the app, and the difference is pushed", async () => {
  await using rig = await createUpstreamRig(() => json(marie));
  await rig.lookup();
  await rig.settled();
  const gate = createGate();
  rig.web.answer = () => gate.passed.then(() => json({ "aaron@example.org": { name: "Aaron" } }));
  const refreshed = rig.call("POST", "/roster_admin/refresh", ["john"]);
  await until(() => rig.web.asked.length >= 2);
  const time = await timed(async () =>
    assert.deepEqual(Object.keys(await rig.lookup()), ["marie@example.com"])
  );
  assert.ok(time < 100, `${time} ms`);
  gate.open();
  assert.equal((await refreshed).body.updated, 1);
  await rig.settled();
  const { push } = rig.pushed[1]!;
  assert.deepEqual(push.items.map(({ jid, item }) => [jid, item !== undefined]), [
    ["marie@example.com", false],
    ["aaron@example.org", true],
  ]);
  assert.deepEqual(await rig.roster(), { "aaron@example.org": contact("Aaron") });
});

Deno.test("an app that knows no contacts makes an empty roster, which is not asked for again at each lookup", async () => {
  await using rig = await createUpstreamRig(() => json({}));
  for (let i = 0; i < 3; i++) assert.deepEqual(await rig.lookup(), {});
  assert.equal(rig.web.asked.length, 1);
});

Deno.test("arriving asks before the roster is wanted, and not again within a moment", async () => {
  await using rig = await createUpstreamRig(() => json(marie));
  await rig.arriving();
  await rig.settled();
  await rig.arriving();
  await rig.settled();
  assert.deepEqual(Object.keys(await rig.lookup()), ["marie@example.com"]);
  assert.equal(rig.web.asked.length, 1);
});

Deno.test("a hundred who want the same roster at the same time make one request", async () => {
  const gate = createGate();
  await using rig = await createUpstreamRig(() => gate.passed.then(() => json(marie)));
  const all = Array.from({ length: 100 }, (_, i) => i % 2 ? rig.arriving() : rig.lookup());
  await until(() => rig.web.asked.length > 0);
  gate.open();
  await Promise.all(all);
  await rig.settled();
  assert.equal(rig.web.asked.length, 1);
  assert.equal(rig.pushed.length, 1);
});

Deno.test("a refresh is not content with an answer that was asked for before it", async () => {
  const gates = [createGate(), createGate()];
  let answers = 0;
  await using rig = await createUpstreamRig(async () => {
    const mine = answers++;
    await gates[mine]!.passed;
    return json({ [`friend${mine}@example.org`]: {} });
  });
  await rig.arriving();
  await until(() => answers > 0);
  const refreshes = [1, 2, 3].map(() => rig.call("POST", "/roster_admin/refresh", ["john"]));
  await rig.roster();
  gates[0]!.open();
  gates[1]!.open();
  for (const { body } of await Promise.all(refreshes)) assert.equal(body.updated, 1);
  assert.deepEqual(Object.keys(await rig.roster()), ["friend1@example.org"]);
  assert.equal(answers, 2);
});

Deno.test("the app has sixteen requests at a time at most, however many users come", async () => {
  const gate = createGate();
  await using rig = await createUpstreamRig(() => gate.passed.then(() => json(marie)));
  await Promise.all(Array.from({ length: 100 }, (_, i) => rig.arriving(`user${i}`)));
  await until(() => rig.web.asked.length >= 16);
  gate.open();
  await rig.settled();
  assert.equal(rig.web.most, 16);
  assert.equal(rig.web.asked.length, 100);
  assert.equal(rig.pushed.length, 100);
});

Deno.test("rosters that the app decides about can be read and not written here", async () => {
  await using rig = await createUpstreamRig(() => json({ "aaron@example.org": { name: "Aaron" } }));
  await rig.lookup();
  const calls = [
    ["PUT", "/v1/rosters/john", {}],
    ["PATCH", "/v1/rosters/john", { "marie@example.com": {} }],
    ["PUT", "/v1/rosters/john/marie@example.com", {}],
    ["DELETE", "/v1/rosters/john/aaron@example.org", undefined],
    ["POST", "/v1/roster_pairs", { pairs: [["john", "zoe"]] }],
  ] as const;
  for (const [method, path, body] of calls) {
    const answer = await rig.call(method, path, body);
    assert.deepEqual(
      [answer.status, answer.body.type],
      [409, "urn:couplet:problem:kept-elsewhere"],
      `${method} ${path}`,
    );
  }
  assert.deepEqual(await rig.roster(), { "aaron@example.org": contact("Aaron") });
  assert.deepEqual(Object.keys((await rig.call("GET", "/contacts/john")).body), ["aaron@example.org"]);
});
