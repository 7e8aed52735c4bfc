import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { createTestApp } from "../harness.ts";
import { createGroupApp } from "./rig.ts";

Deno.test("a group is made, shown, renamed and deleted, each with its version", async () => {
  await using rig = await createGroupApp();
  const made = await rig.call("POST", "/v1/groups", { name: "Choir & Friends" });
  assert.equal(made.status, 201);
  assert.match(made.body.id, /^[\w-]{12}$/);
  assert.deepEqual(made.body, {
    ...{ id: made.body.id, host: "example.org", name: "Choir & Friends", members: 0 },
    created_at: "2026-01-01T00:00:00.000Z",
  });
  const path = `/v1/groups/${made.body.id}`;
  assert.equal(made.headers.get("location"), path);
  const etag = made.headers.get("etag")!;
  const shown = await rig.call("GET", path);
  assert.deepEqual([shown.body, shown.headers.get("etag")], [made.body, etag]);
  assert.equal((await rig.call("GET", path, undefined, { "if-none-match": etag })).status, 304);
  const added = await rig.call("PUT", `${path}/members/Ann`);
  assert.deepEqual([added.status, added.body], [201, {
    ...{ username: "ann", jid: "ann@example.org", joined_at: "2026-01-01T00:00:00.000Z" },
  }]);
  assert.notEqual(added.headers.get("etag"), etag);
  for (
    const [method, at, body] of [
      ["PATCH", path, { name: "Choir" }],
      ["DELETE", path, undefined],
      ["PUT", `${path}/members/bob`, undefined],
      ["DELETE", `${path}/members/ann`, undefined],
    ] as const
  ) {
    const { status } = await rig.call(method, at, body, { "if-match": etag });
    assert.equal(status, 412, `${method} ${at}`);
  }
  const renamed = await rig.call("PATCH", path, { name: "Choir" }, {
    "if-match": added.headers.get("etag")!,
  });
  assert.deepEqual([renamed.status, renamed.body.name, renamed.body.members], [200, "Choir", 1]);
  const left = await rig.call("DELETE", `${path}/members/ann`, undefined, { "if-match": "*" });
  assert.equal(left.status, 204);
  assert.equal((await rig.call("DELETE", `${path}/members/ann`)).status, 404);
  assert.equal(
    (await rig.call("DELETE", path, undefined, { "if-match": left.headers.get("etag")! })).status,
    204,
  );
  assert.equal((await rig.call("GET", path)).status, 404);
  assert.equal((await rig.call("PUT", `${path}/members/ann`)).status, 404);
});

Deno.test("a tag of a group that is gone fits none that has its id now", async () => {
  await using rig = await createGroupApp();
  const first = await rig.call("POST", "/v1/groups", { id: "choir", name: "Choir" });
  await rig.ok("DELETE", "/v1/groups/choir");
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  const tag = { "if-match": first.headers.get("etag")! };
  assert.equal((await rig.call("DELETE", "/v1/groups/choir", undefined, tag)).status, 412);
});

Deno.test("groups and members come in pages that miss nobody", async () => {
  await using rig = await createGroupApp();
  for (let i = 0; i < 5; i++) await rig.ok("POST", "/v1/groups", { id: `g${i}`, name: `G ${i}` });
  for (const user of ["ann", "bob", "cem", "dana", "eve"]) {
    await rig.ok("PUT", `/v1/groups/g1/members/${user}`);
  }
  for (
    const [path, name, key, expected] of [
      ["/v1/groups", "groups", "id", ["g0", "g1", "g2", "g3", "g4"]],
      ["/v1/groups/g1/members", "members", "username", ["ann", "bob", "cem", "dana", "eve"]],
    ] as const
  ) {
    const seen: string[] = [];
    let pages = 0;
    for (let next: string | undefined = `${path}?limit=2`; next !== undefined; pages++) {
      const page = await rig.ok("GET", next);
      seen.push(...page[name].map((one: Record<string, string>) => one[key]));
      next = page.next;
    }
    assert.deepEqual([seen, pages], [[...expected], 3]);
  }
});

Deno.test("what cannot be a group or a member is refused with the reason", async () => {
  await using rig = await createGroupApp({
    prosody: { userExists: (_, user) => Promise.resolve(user !== "nobody") },
  });
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  for (
    const [method, path, body, status, detail] of [
      ["POST", "/v1/groups", { name: "" }, 422, /needs a name/],
      ["POST", "/v1/groups", { name: " " }, 422, /needs a name/],
      ["POST", "/v1/groups", { name: "a\u0007" }, 422, /control characters/],
      ["POST", "/v1/groups", { name: "ä".repeat(600) }, 422, /1023 bytes/],
      ["POST", "/v1/groups", { name: "x", id: "../x" }, 422, /An id has/],
      ["POST", "/v1/groups", { name: "x", id: ".." }, 422, /An id has/],
      ["POST", "/v1/groups", { name: "x", colour: "red" }, 422, /wrong value/],
      ["POST", "/v1/groups", { name: 5 }, 422, /wrong value/],
      ["POST", "/v1/groups", { name: "Other", id: "choir" }, 409, /already/],
      ["PATCH", "/v1/groups/choir", {}, 422, /wrong value/],
      ["PATCH", "/v1/groups/none", { name: "x" }, 404, /no group "none"/],
      ["PUT", "/v1/groups/choir/members/nobody", undefined, 404, /no account nobody@example.org/],
      ["PUT", "/v1/groups/choir/members/a%20b", undefined, 404, /cannot be a username/],
      ["GET", "/v1/groups?limit=0", undefined, 422, /wrong value/],
    ] as const
  ) {
    const answer = await rig.call(method, path, body);
    assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}`);
    assert.match(answer.body.detail, detail);
  }
  for (
    const [path, allow] of [
      ["/v1/groups", "GET, HEAD, POST"],
      ["/v1/groups/choir", "GET, HEAD, PATCH, DELETE"],
      ["/v1/groups/choir/members", "GET, HEAD"],
      ["/v1/groups/choir/members/ann", "PUT, DELETE"],
    ] as const
  ) {
    const { status, headers } = await rig.call(path.endsWith("ann") ? "POST" : "PUT", path, {});
    assert.deepEqual([status, headers.get("allow")], [405, allow]);
  }
});

Deno.test("Prosody's word that it keeps rosters elsewhere is passed on, and nothing is changed", async () => {
  await using rig = await createGroupApp({ prosody: { pushRoster: () => Promise.resolve(false) } });
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  const { status, body } = await rig.call("PUT", "/v1/groups/choir/members/ann");
  assert.deepEqual([status, body.type], [409, "urn:couplet:problem:kept-elsewhere"]);
  assert.equal((await rig.ok("GET", "/v1/groups/choir")).members, 0);
});

const requests: [method: string, path: string, json?: unknown][] = [
  ["GET", "/v1/groups"],
  ["POST", "/v1/groups", { name: "x" }],
  ["GET", "/v1/groups/choir"],
  ["PATCH", "/v1/groups/choir", { name: "x" }],
  ["DELETE", "/v1/groups/choir"],
  ["GET", "/v1/groups/choir/members"],
  ["PUT", "/v1/groups/choir/members/ann"],
  ["DELETE", "/v1/groups/choir/members/ann"],
];

Deno.test("every route needs a key of its host with its scope, and another host's group is not there", async () => {
  await using app = await createTestApp();
  const { groups, groupMembers } = app.services;
  await groups.create(operator("example.org"), { id: "choir", name: "Choir" });
  await groupMembers.add(operator("example.org"), "choir", "ann");
  const wrong = { GET: "groups:write", other: "groups:read" };
  const foreign = await app.key({ host: "example.net", scopes: ["groups:read", "groups:write"] });
  for (const [method, path, json] of requests) {
    const said = `${method} ${path}`;
    assert.equal((await app.fetch(path, { method, json })).status, 401, said);
    assert.equal((await app.fetch(path, { method, json, key: foreign })).status, 401, said);
    const key = await app.key({ scopes: [method === "GET" ? wrong.GET : wrong.other, "rosters:write"] });
    assert.equal((await app.fetch(path, { method, json, key })).status, 403, said);
    if (path === "/v1/groups") continue;
    const there = await app.fetch(`http://example.net${path}`, { method, json, key: foreign });
    assert.equal(there.status, 404, said);
  }
  assert.equal((await groups.get(operator("example.org"), "choir")).members, 1);
  const list = await (await app.fetch("http://example.net/v1/groups", { key: foreign })).json();
  assert.deepEqual(list.groups, []);
});
