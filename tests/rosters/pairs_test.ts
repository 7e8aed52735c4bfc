import assert from "node:assert/strict";
import { contact, createRosterApp, type Json } from "./rig.ts";

const pairs = "/v1/roster_pairs";
const [john, marie, aaron] = ["john", "marie", "aaron"].map((name) => `${name}@example.org`) as [
  string,
  string,
  string,
];

Deno.test("a pair that is added stands in both rosters, with the other's name and the groups", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  await call("PUT", "/v1/rosters/john", {
    [marie]: { name: "M", groups: ["old"], subscription: "to" },
    [aaron]: {},
  });
  const add = [{ users: ["John", "marie@example.org"], names: ["John", "Marie"], groups: ["Friends", "A"] }];
  const answer = await call("POST", pairs, { add });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, {
    rosters: [
      { user: "john", version: 3, added: [], changed: [marie], removed: [] },
      { user: "marie", version: 1, added: [john], changed: [], removed: [] },
    ],
  });
  assert.deepEqual(await roster(), {
    [marie]: contact("Marie", ["A", "Friends", "old"]),
    [aaron]: contact(),
  });
  assert.deepEqual(await roster("marie"), { [john]: contact("John", ["A", "Friends"]) });
  const again = await call("POST", pairs, { add });
  assert.deepEqual(again.body.rosters.map(({ version, changed }: Json) => [version, changed]), [[3, []], [
    1,
    [],
  ]]);
});

Deno.test("a pair that is removed is gone from both rosters, in one request with others that are added", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  await call("POST", pairs, { add: [{ users: ["john", "marie"] }] });
  const request = { add: [{ users: ["john", "aaron"] }], remove: [{ users: ["marie", "john"] }] };
  const dry = await call("POST", `${pairs}?dry_run=true`, request);
  assert.deepEqual([dry.status, dry.body.dry_run], [200, true]);
  assert.deepEqual(await roster("marie"), { [john]: contact() });
  const wet = await call("POST", pairs, request);
  assert.deepEqual(wet.body, { rosters: dry.body.rosters });
  assert.deepEqual(await roster(), { [aaron]: contact() });
  assert.deepEqual(await roster("marie"), {});
  assert.deepEqual(await roster("aaron"), { [john]: contact() });
});

Deno.test("wrong pairs are 422 with their place and reason, and no pair of the request is applied", async () => {
  const prosody = { userExists: (_: string, name: string) => Promise.resolve(name !== "ghost") };
  await using rig = await createRosterApp({ prosody });
  const { call, roster } = rig;
  await call("PUT", "/v1/rosters/john", {
    [aaron]: { groups: Array.from({ length: 99 }, (_, i) => `g${i}`) },
  });
  const before = await roster();
  const wrong: readonly (readonly [unknown, string | undefined, RegExp])[] = [
    [{ add: [{ users: ["john", "marie"] }, { users: ["john", "John"] }] }, "/add/1", /themselves/],
    [{ add: [{ users: ["john", "marie"] }, { users: ["marie", "JOHN"] }] }, "/add/1", /twice/],
    [{ add: [{ users: ["john", "marie"] }], remove: [{ users: ["marie", "john"] }] }, "/remove/0", /twice/],
    [{ add: [{ users: ["john", "marie"] }, { users: ["john", "a b"] }] }, "/add/1", /"a b" is not a user/],
    [
      { add: [{ users: ["john", "marie@example.net"] }] },
      "/add/0",
      /example\.net" is not a user of example\.org/,
    ],
    [{ add: [{ users: ["john", "marie@example.org/phone"] }] }, "/add/0", /not a user/],
    [{ add: [{ users: ["john", `marie@${"\u0301".repeat(3000)}`] }] }, "/add/0", /not a user/],
    [{ add: [{ users: ["john", "\ud800"] }] }, "/add/0", /not a user/],
    [{ add: [{ users: ["john", "marie"], names: ["a\u0000", "b"] }] }, "/add/0", /control/],
    [{ add: [{ users: ["john", "marie"], names: ["", "b"] }] }, "/add/0", /empty/],
    [{ add: [{ users: ["john", "marie"], names: ["x".repeat(1024), "b"] }] }, "/add/0", /1023/],
    [{ add: [{ users: ["john", "marie"], groups: ["\ud800"] }] }, "/add/0", /control/],
    [{ add: [{ users: ["john", "marie"], groups: [""] }] }, "/add/0", /empty/],
    [{ add: [{ users: ["john", "marie"], groups: [5] }] }, "/add/0/groups/0", /text/],
    [{ add: [{ users: ["john", "marie"], groups: Array(101).fill("a") }] }, "/add/0/groups", /100/],
    [{ add: [{ users: ["john"] }] }, "/add/0/users", /2/],
    [{ add: [{ users: ["john", "marie", "aaron"] }] }, "/add/0/users", /2/],
    [{ add: [{ users: ["john", 5] }] }, "/add/0/users/1", /text/],
    [{ add: [{ users: ["john", "marie"], group: "x" }] }, "/add/0/group", /not known/],
    [{ remove: [{ users: ["john", "marie"], names: ["a", "b"] }] }, "/remove/0/names", /not known/],
    [{ adds: [] }, "/adds", /not known/],
    [{ add: Array(200_000).fill(5) }, "/add", /1,000/],
    [{}, undefined, /Name pairs/],
    [{ add: [] }, undefined, /Name pairs/],
    [[], "", /object/],
    [
      { add: [{ users: ["marie", "eve"] }, { users: ["john", "aaron"], groups: ["x", "y"] }] },
      undefined,
      /100 groups/,
    ],
  ];
  for (const [body, pointer, reason] of wrong) {
    const answer = await call("POST", pairs, body);
    const what = JSON.stringify(body).slice(0, 200);
    assert.equal(answer.status, 422, what);
    const found = pointer === undefined
      ? answer.body
      : answer.body.errors.find((error: Json) => error.pointer === pointer);
    assert.match(found?.detail ?? "", reason, `${what}: ${JSON.stringify(answer.body)}`);
  }
  const tooMany = { add: Array.from({ length: 600 }, (_, i) => ({ users: ["john", `a${i}`] })) };
  const remove = Array.from({ length: 401 }, (_, i) => ({ users: ["john", `b${i}`] }));
  assert.equal((await call("POST", pairs, { ...tooMany, remove })).status, 422);
  assert.equal(
    (await call("POST", pairs, { add: [{ users: ["john", "marie"] }, { users: ["john", "ghost"] }] })).status,
    404,
  );
  assert.deepEqual(await roster(), before);
  for (const name of ["marie", "aaron", "eve"]) assert.deepEqual(await roster(name), {});
});

Deno.test("a thousand pairs of one user are one request, and none of them is lost beside others' patches", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const names = Array.from({ length: 1000 }, (_, i) => `friend${i}`);
  const [answer, ...patches] = await Promise.all([
    call("POST", pairs, { add: names.map((name) => ({ users: ["john", name] })) }),
    ...Array.from({ length: 10 }, (_, i) => call("PATCH", `/v1/rosters/friend${i}`, { [marie]: {} })),
    ...Array.from(
      { length: 10 },
      (_, i) => call("PATCH", "/v1/rosters/john", { [`other${i}@example.org`]: {} }),
    ),
  ]);
  assert.deepEqual([answer!.status, answer!.body.rosters.length], [200, 1001]);
  for (const { status } of patches) assert.equal(status, 200);
  assert.equal(Object.keys(await roster()).length, 1010);
  assert.deepEqual(await roster("friend7"), { [john]: contact(), [marie]: contact() });
});

Deno.test("pairs that cross each other at the same time all come out whole", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  const names = ["ann", "ben", "cat", "dan", "eve"];
  const crossing = names.flatMap((one) =>
    names.filter((other) => other !== one).map((other) => [one, other])
  );
  const answers = await Promise.all(crossing.map((users) => call("POST", pairs, { add: [{ users }] })));
  assert.deepEqual(answers.map(({ status }) => status), crossing.map(() => 200));
  for (const name of names) {
    const others = names.filter((other) => other !== name).map((other) => `${other}@example.org`);
    assert.deepEqual(Object.keys(await roster(name)).sort(), others);
  }
});
