import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { control } from "../harness.ts";
import { createGroupApp, type GroupApp } from "./rig.ts";

const host = "example.org";
const me = operator(host);
const choir: [string, string[]] = ["both", ["Choir"]];

async function register({ app }: GroupApp, token: string, username: string, jid = `${username}@${host}`) {
  await app.iq("set", `${username}@${host}`, control("reserve", { token, claim: username }));
  return await app.iq(
    "set",
    `${username}@${host}`,
    control("commit", { token, claim: username, ...(jid !== `${username}@${host}` && { contact: jid }) }),
  );
}

Deno.test("who registers with an invite joins its groups when the use is counted, and not before", async () => {
  await using rig = await createGroupApp();
  const { invites } = rig.app.services;
  for (const id of ["choir", "band"]) {
    await rig.ok("POST", "/v1/groups", { id, name: id === "choir" ? "Choir" : "Band" });
    await rig.ok("PUT", `/v1/groups/${id}/members/ann`);
  }
  const { token } = await invites.create(me, { groups: ["choir", "band"], max_uses: 5 });
  await rig.app.iq("set", `bob@${host}`, control("reserve", { token, claim: "bob" }));
  assert.deepEqual(await rig.roster("ann"), {});
  await register(rig, token, "bob");
  await register(rig, token, "cem");
  assert.deepEqual(await rig.roster("bob"), {
    ann: ["both", ["Band", "Choir"]],
    cem: ["both", ["Band", "Choir"]],
  });
  const heads = await rig.app.database.db.selectFrom("roster").select(["username", "version"]).execute();
  assert.deepEqual(heads.map(({ username, version }) => [username, version]), [
    ["bob", 2],
    ["ann", 2],
    ["cem", 2],
  ]);
  await rig.app.services.pushes.settled();
  assert.ok(rig.told.some(({ user, push }) => user === "cem" && push.items.length === 2));
});

Deno.test("an invite into a group that there is not is refused, and names it", async () => {
  await using rig = await createGroupApp();
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  const { status, body } = await rig.call("POST", "/v1/invites", { groups: ["choir", "bnad"] });
  assert.equal(status, 422);
  assert.match(body.detail, /no group "bnad"/);
  assert.equal(body.errors[0].pointer, "/groups/1");
});

Deno.test("a key that may change groups may invite into them all; another only into those that it was made for", async () => {
  await using rig = await createGroupApp();
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  await rig.ok("POST", "/v1/invites", { groups: ["choir"] });
  const key = await rig.app.key({ scopes: ["invites:create"], limits: { groups: ["band"] } });
  const refused = await rig.app.fetch("/v1/invites", { method: "POST", key, json: { groups: ["choir"] } });
  assert.equal(refused.status, 403);
});

Deno.test("an invite outlives its groups, and what Prosody's own modules call groups passes through", async () => {
  await using rig = await createGroupApp();
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  await rig.ok("PUT", "/v1/groups/choir/members/ann");
  const { token } = await rig.app.services.invites.create(me, { groups: ["choir"] });
  await rig.ok("DELETE", "/v1/groups/choir");
  assert.equal((await register(rig, token, "bob")).attrs.type, "result");
  assert.deepEqual(await rig.roster("bob"), {});

  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  await rig.ok("PUT", "/v1/groups/choir/members/ann");
  const own = "abcdefghijklmnopqrstuvwx";
  const record = control("invite", {
    ...{ token: own, type: "register", jid: host, created_at: "1767225600", expires: "1767830400" },
    allow_registration: "true",
  }, JSON.stringify({ groups: ["theirs", "choir"] }));
  assert.equal((await rig.app.iq("set", host, record)).attrs.type, "result");
  await register(rig, own, "cem");
  assert.deepEqual(await rig.roster("cem"), { ann: choir });
});

Deno.test("a user who accepts somebody's invite joins its groups; a stranger does not", async () => {
  await using rig = await createGroupApp();
  await rig.ok("POST", "/v1/groups", { id: "choir", name: "Choir" });
  await rig.ok("PUT", "/v1/groups/choir/members/ann");
  const { token } = await rig.app.services.invites.create(me, {
    ...{ contact: "ann", groups: ["choir"], max_uses: 2 },
  });
  for (const jid of ["bob@example.org", "eve@elsewhere.example"]) {
    const attrs = { token, claim: jid, contact: jid };
    await rig.app.iq("set", `ann@${host}`, control("reserve", attrs));
    await rig.app.iq("set", `ann@${host}`, control("commit", attrs));
  }
  assert.deepEqual(await rig.roster("ann"), { bob: choir });
});

Deno.test("a full group keeps nobody from registering", async () => {
  await using rig = await createGroupApp({ toml: "[groups]\nmax_members = 1" });
  for (const id of ["choir", "band"]) await rig.ok("POST", "/v1/groups", { id, name: id });
  await rig.ok("PUT", "/v1/groups/choir/members/ann");
  const { token } = await rig.app.services.invites.create(me, { groups: ["choir", "band"] });
  assert.equal((await register(rig, token, "bob")).attrs.type, "result");
  assert.equal((await rig.ok("GET", "/v1/groups/choir")).members, 1);
  assert.equal((await rig.ok("GET", "/v1/groups/band")).members, 1);
});

Deno.test("where a web app decides about rosters there are no groups, and invites carry whatever names they have", async () => {
  const toml = `[rosters]\npolicy = "upstream"\nhttp_roster_url = "http://127.0.0.1:1/%s"`;
  await using app = await createGroupApp({ toml });
  const refused = await app.call("POST", "/v1/groups", { name: "Choir" });
  assert.deepEqual([refused.status, refused.body.type], [409, "urn:couplet:problem:kept-elsewhere"]);
  assert.match(refused.body.detail, /web app decides/);
  const { token } = await app.app.services.invites.create(me, { groups: ["anything"] });
  assert.equal((await register(app, token, "bob")).attrs.type, "result");
});

Deno.test("an invite into groups of very many takes them to rosters afterwards, and misses nobody", async () => {
  await using rig = await createGroupApp();
  const { groupMembers, invites, settling } = rig.app.services;
  const names = Array.from({ length: 490 }, (_, i) => `u${i}`);
  const [some, others, last] = [names, names.map((name) => `o${name}`), ["ann"]];
  await rig.app.database.write(async (db) => {
    for (
      const [key, id, members] of [[1, "a", some], [2, "b", others], [3, "c", others.slice(0, 30)], [
        4,
        "d",
        last,
      ]] as const
    ) {
      await db.insertInto("user_group").values({ key, host, id, name: id, created_at: 1 }).execute();
      await db.insertInto("user_group_member").values(members.map((username) => ({
        ...{ group_key: key, host, username, joined_at: 1, label: id },
      }))).execute();
    }
  });
  const { token } = await invites.create(me, { groups: ["a", "b", "c", "d"] });
  await register(rig, token, "fresh");
  assert.equal((await groupMembers.list(me, "c", { limit: 500 })).members.length, 31);
  await settling.settled();
  const roster = await rig.roster("fresh");
  assert.equal(Object.keys(roster).length, 981);
  assert.deepEqual([roster.u489, roster.ou0, roster.ann], [["both", ["a"]], ["both", ["b", "c"]], ["both", [
    "d",
  ]]]);
  assert.deepEqual((await rig.roster("ou7")).fresh, ["both", ["b", "c"]]);
});
