import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { control } from "../harness.ts";
import { createGroupApp, type GroupApp } from "./rig.ts";

const host = "example.org";
const choir: [string, string[]] = ["both", ["Choir"]];

async function makeGroup({ ok }: GroupApp, id: string, name: string, ...members: string[]) {
  await ok("POST", "/v1/groups", { id, name });
  for (const user of members) await ok("PUT", `/v1/groups/${id}/members/${user}`);
}

Deno.test("everyone in a group knows each other, and Prosody is told of both sides with the right versions", async () => {
  await using rig = await createGroupApp();
  await makeGroup(rig, "choir", "Choir", "ann", "bob", "cem");
  assert.deepEqual(await rig.roster("ann"), { bob: choir, cem: choir });
  assert.deepEqual(await rig.roster("bob"), { ann: choir, cem: choir });
  assert.deepEqual(await rig.roster("cem"), { ann: choir, bob: choir });
  await rig.app.services.pushes.settled();
  const pushes = rig.told.map((
    { user, push },
  ) => [user, push.from, push.to, push.items.map(({ jid }) => jid)]);
  assert.deepEqual(pushes.filter(([user]) => user === "cem"), [
    ["cem", 0, 2, ["ann@example.org", "bob@example.org"]],
  ]);
  assert.deepEqual(pushes.filter(([user]) => user === "ann"), [
    ["ann", 0, 1, ["bob@example.org"]],
    ["ann", 1, 2, ["cem@example.org"]],
  ]);
  assert.ok(rig.told.every(({ push }) => push.items.every(({ mutual }) => mutual)));
});

Deno.test("who leaves takes along what only the group has made; a contact from before stays as it was", async () => {
  await using rig = await createGroupApp();
  await rig.ok("PUT", "/v1/rosters/ann/bob@example.org", {
    name: "Bobby",
    groups: ["Friends"],
    subscription: "to",
  });
  await rig.ok("PUT", "/v1/rosters/cem/bob@example.org", { groups: ["Work"] });
  await makeGroup(rig, "choir", "Choir", "ann", "bob", "cem");
  assert.deepEqual((await rig.roster("ann")).bob, ["both", ["Choir", "Friends"]]);
  await rig.ok("DELETE", "/v1/groups/choir/members/bob");
  assert.deepEqual(await rig.roster("bob"), {});
  assert.deepEqual(await rig.roster("ann"), { bob: ["to", ["Friends"]], cem: choir });
  assert.deepEqual(await rig.roster("cem"), { ann: choir, bob: ["both", ["Work"]] });
  const { body } = await rig.call("GET", "/v1/rosters/ann/bob@example.org");
  assert.equal(body.name, "Bobby");
});

Deno.test("what another group that they share still gives stays", async () => {
  await using rig = await createGroupApp();
  await makeGroup(rig, "choir", "Choir", "ann", "bob");
  await makeGroup(rig, "band", "Band", "ann", "bob", "cem");
  await makeGroup(rig, "namesake", "Band", "bob", "ann");
  assert.deepEqual((await rig.roster("ann")).bob, ["both", ["Band", "Choir"]]);
  await rig.ok("DELETE", "/v1/groups/band/members/ann");
  assert.deepEqual(await rig.roster("ann"), { bob: ["both", ["Band", "Choir"]] });
  assert.deepEqual(await rig.roster("bob"), { ann: ["both", ["Band", "Choir"]], cem: ["both", ["Band"]] });
  await rig.ok("DELETE", "/v1/groups/namesake");
  assert.deepEqual(await rig.roster("ann"), { bob: ["both", ["Choir"]] });
  await rig.ok("DELETE", "/v1/groups/choir");
  assert.deepEqual(await rig.roster("ann"), {});
  assert.deepEqual(await rig.roster("bob"), { cem: ["both", ["Band"]] });
});

Deno.test("a group's new name is the roster group's, where that is still there", async () => {
  await using rig = await createGroupApp();
  await makeGroup(rig, "choir", "Choir", "ann", "bob", "cem");
  await rig.ok("PATCH", "/v1/rosters/ann", { "bob@example.org": { groups: ["My own"] } });
  await rig.ok("PATCH", "/v1/groups/choir", { name: "Singers" });
  assert.deepEqual(await rig.roster("ann"), { bob: ["both", ["My own"]], cem: ["both", ["Singers"]] });
  assert.deepEqual(await rig.roster("cem"), { ann: ["both", ["Singers"]], bob: ["both", ["Singers"]] });
  await rig.ok("PUT", "/v1/groups/choir/members/dana");
  assert.deepEqual((await rig.roster("dana")).ann, ["both", ["Singers"]]);
  await rig.ok("DELETE", "/v1/groups/choir");
  for (const user of ["ann", "bob", "cem", "dana"]) assert.deepEqual(await rig.roster(user), {});
  assert.deepEqual((await rig.ok("GET", "/v1/groups")).groups, []);
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "New" });
  const rows = await rig.app.database.db.selectFrom("user_group").select(["id", "ended"]).execute();
  assert.deepEqual(rows.map(({ id, ended }) => [id, ended]), [["choir", 0]]);
});

Deno.test("of two groups of one name that people share, the roster group stays for the one that is left", async () => {
  await using rig = await createGroupApp();
  for (const id of ["one", "two", "three"]) await makeGroup(rig, id, "Band", "ann", "bob");
  const band: Record<string, [string, string[]]> = { bob: ["both", ["Band"]] };
  await rig.ok("PATCH", "/v1/groups/one", { name: "Quartet" });
  assert.deepEqual(await rig.roster("ann"), { bob: ["both", ["Band", "Quartet"]] });
  await rig.ok("DELETE", "/v1/groups/one");
  assert.deepEqual(await rig.roster("ann"), band);
  await rig.ok("DELETE", "/v1/groups/two");
  assert.deepEqual(await rig.roster("ann"), band);
  await rig.ok("DELETE", "/v1/groups/three/members/ann");
  assert.deepEqual([await rig.roster("ann"), await rig.roster("bob")], [{}, {}]);
});

Deno.test("a contact whom somebody has removed comes back when one of the two is put into the group again", async () => {
  await using rig = await createGroupApp();
  await makeGroup(rig, "choir", "Choir", "ann", "bob", "cem");
  await rig.ok("DELETE", "/v1/rosters/ann/bob@example.org");
  await rig.ok("PUT", "/v1/groups/choir/members/dana");
  assert.equal((await rig.roster("ann")).bob, undefined);
  const { status } = await rig.call("PUT", "/v1/groups/choir/members/bob");
  assert.equal(status, 200);
  assert.deepEqual((await rig.roster("ann")).bob, choir);
  await rig.ok("DELETE", "/v1/groups/choir/members/bob");
  assert.equal((await rig.roster("ann")).bob, undefined);
});

Deno.test("a contact whom somebody removes and adds by themselves is their own from then on", async () => {
  await using rig = await createGroupApp();
  await makeGroup(rig, "choir", "Choir", "ann", "bob");
  await rig.ok("DELETE", "/v1/rosters/ann/bob@example.org");
  await rig.ok("PUT", "/v1/rosters/ann/bob@example.org", { groups: ["Friends"] });
  await rig.ok("DELETE", "/v1/groups/choir/members/bob");
  assert.deepEqual(await rig.roster("ann"), { bob: ["both", ["Friends"]] });
});

Deno.test("a deleted account leaves its groups and everybody's roster", async () => {
  await using rig = await createGroupApp();
  await makeGroup(rig, "choir", "Choir", "ann", "bob", "cem");
  await makeGroup(rig, "band", "Band", "ann", "bob");
  await rig.app.iq("set", "bob@example.org", control("purge"));
  assert.deepEqual(await rig.roster("ann"), { cem: choir });
  assert.deepEqual(await rig.roster("cem"), { ann: choir });
  assert.equal((await rig.ok("GET", "/v1/groups/choir")).members, 2);
  assert.equal((await rig.ok("GET", "/v1/groups/band")).members, 1);
  const { rows } = { rows: await rig.app.database.db.selectFrom("roster").select("username").execute() };
  assert.ok(rows.every(({ username }) => username !== "bob"));
});

Deno.test("a group that is brought from elsewhere makes its members know each other, and more the second time", async () => {
  await using rig = await createGroupApp();
  const { groupMembers } = rig.app.services;
  await rig.ok("PUT", "/v1/rosters/ann/bob@example.org", { groups: ["Choir"] });
  const bring = (...members: string[]) =>
    groupMembers.bring(operator(host), { id: "choir", name: "Choir", members });
  assert.deepEqual(await bring("ann", "bob"), { isNew: true, added: ["ann", "bob"] });
  assert.deepEqual(await bring("ann", "bob"), { isNew: false, added: [] });
  assert.deepEqual(await bring("ann", "cem"), { isNew: false, added: ["cem"] });
  for (const user of ["ann", "bob", "cem"]) {
    const others = ["ann", "bob", "cem"].filter((other) => other !== user);
    assert.deepEqual(await rig.roster(user), Object.fromEntries(others.map((other) => [other, choir])));
  }
  await assert.rejects(bring("not a name"), { code: "invalid" });
  await rig.ok("DELETE", "/v1/groups/choir");
  assert.deepEqual(await rig.roster("ann"), { bob: ["both", []] });
});

Deno.test("what a crash has left half done is done by the next sweep", async () => {
  await using rig = await createGroupApp();
  await makeGroup(rig, "choir", "Choir", "ann", "bob", "cem");
  await rig.app.database.write(async (db) => {
    await db.updateTable("user_group").set({ name: "Singers" }).execute();
    await db.updateTable("user_group_member").set({ settled: 0 }).where("username", "!=", "ann").execute();
  });
  await rig.app.services.settling.sweep();
  assert.deepEqual((await rig.roster("bob")).ann, ["both", ["Singers"]]);
  assert.deepEqual((await rig.roster("ann")).bob, choir);
  await rig.ok("DELETE", "/v1/groups/choir/members/bob");
  assert.equal((await rig.roster("ann")).bob, undefined);
});

Deno.test("groups of two hosts with the same id have nothing to do with each other", async () => {
  await using rig = await createGroupApp();
  const { groups, groupMembers } = rig.app.services;
  for (const domain of [host, "example.net"]) {
    await groups.create(operator(domain), { id: "choir", name: "Choir" });
    for (const user of ["ann", "bob"]) await groupMembers.add(operator(domain), "choir", user);
  }
  await groups.remove(operator("example.net"), "choir");
  assert.deepEqual(await rig.roster("ann"), { bob: choir });
  assert.equal((await groups.get(operator(host), "choir")).members, 2);
});

Deno.test("groups and rosters have their bounds", async () => {
  await using rig = await createGroupApp({
    toml: "[groups]\nmax_members = 3\nmax_groups = 2\n[rosters]\nmax_items = 3",
  });
  await makeGroup(rig, "one", "One", "ann", "bob", "cem");
  await makeGroup(rig, "two", "Two", "ann", "dana");
  const third = await rig.call("POST", "/v1/groups", { name: "Three" });
  assert.deepEqual([third.status, third.body.type], [409, "urn:couplet:problem:conflict"]);
  const fourth = await rig.call("PUT", "/v1/groups/one/members/dana");
  assert.match(fourth.body.detail, /3 members, and may have 3/);
  const full = await rig.call("PUT", "/v1/groups/two/members/eve");
  assert.match(full.body.detail, /roster of ann, a member, is full/);
  await rig.app.services.groupMembers.take(operator(host), "two", "ann");
  await rig.ok("PUT", "/v1/rosters/eve", { "a@b.c": {}, "b@b.c": {}, "c@b.c": {} });
  const own = await rig.call("PUT", "/v1/groups/two/members/eve");
  assert.match(own.body.detail, /roster of eve has no room/);
});
