import assert from "node:assert/strict";
import { contact, createRosterApp, type Json } from "./rig.ts";

const john = "/v1/rosters/john";
const marie = "marie@example.org";
const groups = (count: number) => Array.from({ length: count }, (_, i) => `g${i}`);

/** A member that JSON.parse makes, and an object literal would not. */
const own = (name: string, value: unknown): object => Object.fromEntries([[name, value]]);

/** What may not stand in a roster: the body, the pointer that the error must name, and the reason. */
const wrong: readonly (readonly [what: string, body: unknown, pointer: string, reason: RegExp])[] = [
  ["no JID", { "a b@example.org": {} }, "/a b@example.org", /not a JID/],
  ["an empty JID", { "": {} }, "/", /not a JID/],
  ["no domain", { "marie@": {} }, "/marie@", /not a JID/],
  ["two ats", { "a@b@example.org": {} }, "/a@b@example.org", /not a JID/],
  ["a resource", { "marie@example.org/phone": {} }, "/marie@example.org~1phone", /bare JID/],
  ["oneself", { "John@Example.org": {} }, "/John@Example.org", /themselves/],
  ["a long JID", { [`${"a".repeat(1024)}@example.org`]: {} }, "/" + "a".repeat(200), /not a JID/],
  ["a huge JID", { [`a@${"\u0301".repeat(100_000)}`]: {} }, "/a@" + "\u0301".repeat(198), /3071/],
  [
    "a control character in a JID",
    { "ma\u0007rie@example.org": {} },
    "/ma\u0007rie@example.org",
    /not a JID/,
  ],
  ["a lone surrogate in a JID", { "\ud800@example.org": {} }, "/\ud800@example.org", /not a JID/],
  ["a lone surrogate in a domain", { "a@\ud800.org": {} }, "/a@\ud800.org", /not a JID/],
  ["__proto__ as a JID", own("__proto__", {}), "/__proto__", /not a JID/],
  ["twice after folding", { "Marie@Example.org": {}, [marie]: {} }, `/${marie}`, /twice/],
  ["twice after NFKC", { "ﬁn@example.org": {}, "fin@example.org": {} }, "/fin@example.org", /twice/],
  ["a contact that is text", { [marie]: "Marie" }, `/${marie}`, /object/],
  ["a contact that is a list", { [marie]: ["Marie"] }, `/${marie}`, /object/],
  ["an unknown member", { [marie]: { nick: "M" } }, `/${marie}/nick`, /not known/],
  ["__proto__ as a member", { [marie]: own("__proto__", { name: "x" }) }, `/${marie}/__proto__`, /not known/],
  ["constructor as a member", { [marie]: { constructor: 1 } }, `/${marie}/constructor`, /not known/],
  ["a name that is a number", { [marie]: { name: 5 } }, `/${marie}/name`, /string/],
  ["a name that is too long", { [marie]: { name: "x".repeat(1024) } }, `/${marie}/name`, /1023 bytes/],
  ["a name of too many bytes", { [marie]: { name: "ü".repeat(512) } }, `/${marie}/name`, /1023 bytes/],
  ["a control character", { [marie]: { name: "a\u0000b" } }, `/${marie}/name`, /control/],
  ["a line break", { [marie]: { name: "a\nb" } }, `/${marie}/name`, /control/],
  ["a lone surrogate", { [marie]: { name: "\ud800" } }, `/${marie}/name`, /control/],
  ["a noncharacter that XML refuses", { [marie]: { name: "\uffff" } }, `/${marie}/name`, /control/],
  ["groups that are text", { [marie]: { groups: "Friends" } }, `/${marie}/groups`, /list/],
  ["a group that is a number", { [marie]: { groups: ["a", 5] } }, `/${marie}/groups`, /string/],
  ["a group that is null", { [marie]: { groups: [null] } }, `/${marie}/groups`, /string/],
  ["a group without a name", { [marie]: { groups: [""] } }, `/${marie}/groups`, /needs a name/],
  ["a group with a surrogate", { [marie]: { groups: ["\udfff"] } }, `/${marie}/groups`, /control/],
  ["101 groups", { [marie]: { groups: groups(101) } }, `/${marie}/groups`, /100 groups/],
  ["groups as an object of no trues", { [marie]: { groups: { a: 1 } } }, `/${marie}/groups`, /true/],
  [
    "an unknown subscription",
    { [marie]: { subscription: "all" } },
    `/${marie}/subscription`,
    /none, to, from/,
  ],
  ["removal by subscription", { [marie]: { subscription: "remove" } }, `/${marie}/subscription`, /none, to/],
  ["another ask", { [marie]: { ask: true, subscription: "none" } }, `/${marie}/ask`, /subscribe/],
  ["ask beside to", { [marie]: { ask: "subscribe", subscription: "to" } }, `/${marie}/ask`, /not asked/],
  ["ask beside both", { [marie]: { ask: "subscribe" } }, `/${marie}/ask`, /not asked/],
  [
    "approved beside from",
    { [marie]: { approved: true, subscription: "from" } },
    `/${marie}/approved`,
    /advance/,
  ],
  [
    "approved as a word",
    { [marie]: { approved: "true", subscription: "to" } },
    `/${marie}/approved`,
    /true or/,
  ],
];

for (const method of ["PUT", "PATCH"]) {
  Deno.test(`${method}: each wrong value is 422, named with its place and reason, and nothing is applied`, async () => {
    await using rig = await createRosterApp();
    const { call, roster } = rig;
    await call("PUT", john, { [marie]: { name: "Marie" } });
    const before = await roster();
    for (const [what, body, pointer, reason] of wrong) {
      const good = { "good@example.org": {}, "fine@example.org": { name: "Fine" } };
      const answer = await call(method, john, { ...good, ...body as object });
      assert.equal(answer.status, 422, what);
      assert.equal(answer.body.type, "urn:couplet:problem:invalid");
      const found = answer.body.errors.find((error: Json) => error.pointer === pointer);
      assert.match(found?.detail ?? "", reason, `${what}: ${JSON.stringify(answer.body.errors)}`);
      assert.ok(answer.body.detail.startsWith("Nothing was changed. /"), answer.body.detail);
      assert.deepEqual(await roster(), before, what);
    }
  });
}

Deno.test("removing by a JID that is none, or that stands there twice, removes nothing", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  await call("PUT", john, { [marie]: {} });
  for (
    const [body, pointer] of [
      [{ [marie]: null, "a b@example.org": null }, "/a b@example.org"],
      [{ [marie]: null, "Marie@example.org": null }, "/Marie@example.org"],
      [{ [marie]: null, "Marie@example.org": { name: "x" } }, `/${marie}`],
      [{ [marie]: null, "john@example.org": null }, "/john@example.org"],
    ] as const
  ) {
    const answer = await call("PATCH", john, body);
    assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [422, pointer]);
    assert.deepEqual(await roster(), { [marie]: contact() });
  }
  assert.equal((await call("DELETE", `${john}/a%20b@example.org`)).status, 422);
});

Deno.test("a body that is no JSON, no object, of another type or too large says so", async () => {
  await using rig = await createRosterApp();
  const { app, roster } = rig;
  const key = await app.key({ scopes: ["rosters:write"] });
  const send = (method: string, body: BodyInit, type = "application/json") =>
    app.fetch(john, { method, key, body, headers: { "content-type": type } });
  for (const method of ["PUT", "PATCH"]) {
    for (const body of ["", "{", "{}x", new Uint8Array([0x7b, 0xff, 0x7d])]) {
      assert.equal((await send(method, body)).status, 400, String(body));
    }
    for (const body of ["[]", "null", "5", '"john"', "true"]) {
      assert.equal((await send(method, body)).status, 422, body);
    }
    assert.equal((await send(method, "{}", "text/plain")).status, 415);
    const huge = JSON.stringify({ [marie]: { name: "x".repeat(10_000_000) } });
    assert.equal((await send(method, huge)).status, 413);
  }
  assert.equal((await send("PUT", "{}", "application/merge-patch+json")).status, 415, "that is no roster");
  assert.equal((await send("PATCH", "{}", "application/merge-patch+json")).status, 200);
  assert.deepEqual(await roster(), {});
});

/** Bodies that are not understood, and what is said of them. */
const notUnderstood: readonly (readonly [body: BodyInit, detail: RegExp])[] = [
  [
    `{"${marie}": {"name": "One"}, "${marie}": {"name": "Two"}}`,
    /names a member twice in one object at line 1, /,
  ],
  [
    `{\n"${marie}": {},\n"${marie.replace("@", "\\u0040")}": {}}`,
    /names a member twice .* at line 3, column 1\.$/,
  ],
  [`{"${marie}": {"name": "One", "n\\u0061me": "Two"}}`, /names a member twice .* column 39\.$/],
  [`{"${marie}": {"name": NaN}}`, /is not JSON: expected a value at line 1, column 32\.$/],
  [`{"${marie}": {"name": "M`, /is not JSON: a string has no end, .* at line 1, column 34\.$/],
  [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /^The body is not UTF-8 at byte 3\.$/],
  ["[".repeat(1e6) + "]".repeat(1e6), /more than 64 levels at line 1, column 65\.$/],
  [JSON.stringify(groups(150_000).map(() => [0])), /more than \d+ values/],
  [
    JSON.stringify(Object.fromEntries(groups(30_001).map((name) => [name, 0]))),
    /more than \d+ different names/,
  ],
];

Deno.test("a body that cannot be understood is a 400 which says what is wrong and where, and nothing is applied", async () => {
  await using rig = await createRosterApp();
  const key = await rig.app.key({ scopes: ["rosters:write", "rosters:read", "invites:create"] });
  const jsonType = { "content-type": "application/json" };
  await rig.call("PUT", john, { [marie]: { name: "Marie" } });
  const before = await rig.roster();
  for (const [body, detail] of notUnderstood) {
    for (
      const [method, path] of [["PUT", john], ["PATCH", john], ["PUT", `${john}/${marie}`], [
        "POST",
        "/v1/roster_pairs",
      ]] as const
    ) {
      const answer = await rig.app.fetch(path, { method, key, body, headers: jsonType });
      const problem = await answer.json();
      assert.deepEqual([answer.status, problem.type], [400, "urn:couplet:problem:bad-request"], path);
      assert.match(problem.detail, detail);
      assert.ok(problem.detail.length < 200, problem.detail);
    }
  }
  const twice = '{"username": "ann", "username": "max"}';
  const invite = await rig.app.fetch("/v1/invites", { method: "POST", key, body: twice, headers: jsonType });
  assert.deepEqual([invite.status, (await invite.json()).detail], [
    400,
    "The body names a member twice in one object at line 1, column 21.",
  ]);
  assert.deepEqual(await rig.roster(), before);
});

Deno.test("a line that names a member twice is a 400 of its own, and its neighbours are applied", async () => {
  await using rig = await createRosterApp();
  const key = await rig.app.key({ scopes: ["rosters:write"] });
  const lines = [
    `{"user": "ann", "roster": {"${marie}": {}}}`,
    `{"user": "john", "roster": {"${marie}": {}, "${marie}": {"name": "M"}}}`,
    `{"user": "max", "roster": {"${marie}": {}}}`,
  ];
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await rig.app.fetch("/v1/rosters", { method: "POST", key, body: lines.join("\n"), headers });
  const told = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(told.map(({ status }) => status), [200, 400, 200, undefined]);
  assert.equal(told[1].detail, "This line names a member twice in one object at line 1, column 54.");
  assert.deepEqual(await rig.roster("john"), {});
  assert.deepEqual(await rig.roster("max"), { [marie]: contact() });
});

Deno.test("a name of ten million characters is refused without being looked at, if bodies may be that large", async () => {
  await using rig = await createRosterApp({ toml: "[rosters]\nmax_body = 20_000_000" });
  const answer = await rig.call("PUT", john, { [marie]: { name: "x".repeat(10_000_000) } });
  assert.deepEqual([answer.status, answer.body.errors[0].pointer], [422, `/${marie}/name`]);
});

Deno.test("a thousand mistakes, in many contacts or in one, are answered with twenty", async () => {
  await using rig = await createRosterApp();
  const many = Object.fromEntries(groups(1000).map((name) => [name, 5]));
  const users = groups(1000).map((name) => ({ users: [name, name] }));
  const requests = [["PUT", john, many], ["PUT", john, { [marie]: many }], ["POST", "/v1/roster_pairs", {
    add: users,
  }]];
  for (const [method, path, body] of requests as [string, string, unknown][]) {
    const answer = await rig.call(method, path, body);
    assert.deepEqual([answer.status, answer.body.errors.length], [422, 20]);
  }
});

Deno.test("no more contacts than max_items, whichever way they come", async () => {
  await using rig = await createRosterApp({ toml: "[rosters]\nmax_items = 3" });
  const { call, roster } = rig;
  const of = (...names: string[]) => Object.fromEntries(names.map((name) => [`${name}@example.org`, {}]));
  assert.equal((await call("PUT", john, of("a", "b", "c"))).status, 200);
  const before = await roster();
  const tooMany: readonly (readonly [string, string, unknown])[] = [
    ["PUT", john, of("a", "b", "c", "d")],
    ["PATCH", john, of("d")],
    ["PUT", `${john}/d@example.org`, {}],
    ["POST", "/v1/roster_pairs", { add: [{ users: ["john", "d"] }] }],
  ];
  for (const [method, path, body] of tooMany) {
    const answer = await call(method, path, body);
    assert.equal(answer.status, 422, `${method} ${path}`);
    assert.match(answer.body.detail, /3 contacts at most/);
  }
  assert.deepEqual(await roster(), before);
  assert.deepEqual(await roster("d"), {}, "neither side of the pair");
  const swap = await call("PATCH", john, { ...of("d"), "a@example.org": null });
  assert.equal(swap.status, 200, "one out, one in");
});

Deno.test("a user whom Prosody does not know is 404 everywhere; one whom it cannot tell of is taken", async () => {
  const prosody = {
    userExists: (_: string, name: string) => Promise.resolve(name === "quiet" ? undefined : name !== "ghost"),
  };
  await using rig = await createRosterApp({ prosody });
  const { call } = rig;
  const requests: readonly (readonly [string, string, unknown])[] = [
    ["GET", "/v1/rosters/ghost", undefined],
    ["PUT", "/v1/rosters/ghost", { [marie]: {} }],
    ["PATCH", "/v1/rosters/Ghost", {}],
    ["GET", `/v1/rosters/ghost/${marie}`, undefined],
    ["PUT", `/v1/rosters/ghost/${marie}`, {}],
    ["DELETE", `/v1/rosters/ghost/${marie}`, undefined],
    ["POST", "/v1/roster_pairs", { add: [{ users: ["marie", "quiet"] }, { users: ["john", "ghost"] }] }],
    ["GET", "/contacts/ghost", undefined],
  ];
  for (const [method, path, body] of requests) {
    const answer = await call(method, path, body);
    assert.equal(answer.status, 404, `${method} ${path}`);
    assert.match(answer.body.detail, /ghost@example\.org/);
  }
  for (const user of ["john", "marie", "quiet"]) assert.deepEqual(await rig.roster(user), {});
  assert.equal((await call("PUT", "/v1/rosters/quiet", { [marie]: {} })).status, 200);
});

Deno.test("__proto__ is a user, a group and a localpart like any other", async () => {
  await using rig = await createRosterApp();
  const { call } = rig;
  const jid = "__proto__@example.org";
  const put = await call("PUT", "/v1/rosters/__proto__", {
    "constructor@example.org": { groups: ["__proto__"] },
  });
  assert.deepEqual([put.status, put.body.user], [200, "__proto__"]);
  assert.equal(
    (await call("PATCH", "/v1/rosters/toString", { [jid]: { groups: own("__proto__", true) } })).status,
    200,
  );
  const shown = await call("GET", "/v1/rosters/__proto__");
  assert.deepEqual(shown.body, { "constructor@example.org": contact(undefined, ["__proto__"]) });
  const contacts = await call("GET", "/contacts/tostring");
  assert.deepEqual(Object.keys(contacts.body[jid].groups), ["__proto__"]);
  assert.equal(({} as Json).name, undefined, "nobody's prototype was touched");
});
