import assert from "node:assert/strict";
import { createGroupApp } from "../groups/rig.ts";
import { dataFolder, dump, file, importProsody, now, record, sqliteFile, token } from "./rig.ts";

// As mod_groups_internal keeps them: what a group is, and who is in it, each in a file named for the group.
const info = (name: string, more = "") => `return {\n\t["name"] = "${name}";\n${more}};\n`;
const members = (...names: string[]) =>
  `return {\n${names.map((name) => `\t["${name}"] = {};\n`).join("")}};\n`;
/** A roster where the group has been at work already. */
const roster = (jid: string, group: string) =>
  `return {\n\t[false] = { ["version"] = 2; };\n\t["${jid}"] = { ["subscription"] = "both"; ["groups"] = { ["${group}"] = true; }; };\n};\n`;

const files = {
  "example%2eorg/group_info/aB3%2dx%5fy.dat": info("Friends"),
  "example%2eorg/groups/aB3%2dx%5fy.dat": members("ann", "bob", "j%C3%B6".replace("%C3%B6", "\\195\\182")),
  "example%2eorg/roster/ann.dat": roster("bob@example.org", "Friends"),
  "example%2eorg/roster/bob.dat": roster("ann@example.org", "Friends"),
  "example%2eorg/group_info/empty.dat": info("Nobody yet"),
};

Deno.test("a group comes in with its members, who all know each other, and again it changes nothing", async () => {
  await using group = await createGroupApp();
  const { app } = group;
  const dir = await dataFolder(app, files);
  const dry = await importProsody(app, [dir, "--dry-run"]);
  assert.deepEqual(await group.ok("GET", "/v1/groups"), { groups: [] });
  const real = await importProsody(app, [dir, "--json"]);
  const { groups, rosters } = JSON.parse(real.stdout).hosts["example.org"];
  assert.deepEqual(groups, { found: 2, imported: 2, there_already: 0, expired: 0, failed: 0, members: 3 });
  assert.equal(rosters.imported, 2);
  assert.match(dry.stdout, /^example\.org +groups +2 +2 +0 +0 +0$/m);
  assert.deepEqual(await group.roster("ann"), { bob: ["both", ["Friends"]], jö: ["both", ["Friends"]] });
  assert.deepEqual(await group.roster("jö"), { ann: ["both", ["Friends"]], bob: ["both", ["Friends"]] });
  const [friends, empty] = (await group.ok("GET", "/v1/groups")).groups;
  assert.deepEqual([friends.id, friends.name, friends.members, empty.members], ["aB3-x_y", "Friends", 3, 0]);

  await app.services.settling.settled();
  await app.services.pushes.settled();
  const before = dump(app);
  const told = group.told.length;
  const again = await importProsody(app, [dir, "--json"]);
  assert.equal(again.code, 0);
  assert.equal(dump(app), before);
  assert.equal(group.told.length, told);
});

Deno.test("who is new there joins with the next import, and nobody is put out", async () => {
  await using group = await createGroupApp();
  const dir = await dataFolder(group.app, files);
  await importProsody(group.app, [dir]);
  await group.ok("PUT", "/v1/groups/aB3-x_y/members/here");
  await dataFolder(group.app, { "example%2eorg/groups/aB3%2dx%5fy.dat": members("ann", "new") });
  const { stdout } = await importProsody(group.app, [dir, "--only", "groups", "--json"]);
  const { groups } = JSON.parse(stdout).hosts["example.org"];
  assert.deepEqual([groups.imported, groups.there_already, groups.members], [1, 1, 1]);
  const inside = await group.ok("GET", "/v1/groups/aB3-x_y/members");
  assert.deepEqual(inside.members.map(({ username }: { username: string }) => username), [
    ...["ann", "bob", "here", "jö", "new"],
  ]);
});

Deno.test("groups that cannot be taken are named, and the others come in", async () => {
  await using group = await createGroupApp({ toml: "groups.max_members = 3" });
  const dir = await dataFolder(group.app, {
    ...files,
    "example%2eorg/group_info/noname.dat": "return {};\n",
    "example%2eorg/group_info/blank.dat": info("  "),
    "example%2eorg/groups/orphan.dat": members("ann"),
    "example%2eorg/group_info/bad%20id.dat": info("Spaced"),
    "example%2eorg/group_info/many.dat": info("Many"),
    "example%2eorg/groups/many.dat": members("a", "b", "c", "d"),
    "example%2eorg/group_info/odd.dat": info("Odd", '\t["muc_jid"] = "x@groups.example.org";\n'),
    "example%2eorg/groups/odd.dat": members("ann", "Not Prepped", "bob"),
    "example%2eorg/group_info/text.dat": 'return "x";\n',
    "example%2eorg/group_info/broken.dat": "return {",
    "example%2eorg/groups/broken.dat": members("ann"),
  });
  const dry = await importProsody(group.app, [dir, "--dry-run", "--json"]);
  const { code, stdout } = await importProsody(group.app, [dir, "--json"]);
  const { hosts, problems } = JSON.parse(stdout);
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(dry.stdout).hosts, hosts);
  assert.deepEqual(hosts["example.org"].groups, {
    ...{ found: 10, imported: 3, there_already: 0, expired: 0, failed: 7, members: 5 },
  });
  const told = new Map(problems.map(({ what, reason }: Record<string, string>) => [what, reason]));
  for (
    const [what, pattern] of [
      ["noname", /Its name is no text/],
      ["blank", /needs a name/],
      ["orphan", /nothing there says what it is called/],
      ["bad id", /An id has 1 to 64/],
      ["many", /3 members at most/],
      ["odd: Not Prepped", /spells no username/],
      ["text", /where a table should be/],
      ["broken", /^Line 1/],
    ] as const
  ) assert.match(String(told.get(what)), pattern, what);
  assert.ok(
    problems.some(({ what, reason }: Record<string, string>) => what === "odd" && /chat room/.test(reason!)),
  );
});

Deno.test("an invite leads into the group that was brought in with it, and one that leads into none is told of", async () => {
  await using group = await createGroupApp();
  const { app } = group;
  const invite = (name: string, id: string) =>
    record(token(name), { additional_data: `{ ["groups"] = { "${id}"; }; }` });
  const dir = await dataFolder(app, {
    ...files,
    "example%2eorg/invite_token.dat": file(invite("in", "aB3-x_y"), invite("none", "gone")),
  });
  const { code, stderr } = await importProsody(app, [dir]);
  assert.equal(code, 0);
  assert.match(stderr, /^example\.org, invites: Some are for the group "gone", which is not here/m);
  const attempt = { host: "example.org", token: token("in"), claim: "c" };
  await app.services.redemption.reserve({ ...attempt, username: "eve", exists: false });
  await app.services.redemption.commit({ ...attempt, jid: "eve@example.org" });
  assert.deepEqual(Object.keys(await group.roster("eve")).sort(), ["ann", "bob", "jö"]);
});

Deno.test("groups come from SQLite too, and where a web app decides about rosters they stay out", async () => {
  await using group = await createGroupApp();
  const rows = (at: number) => [
    ["example.org", "g1", "group_info", "name", "string", "Friends"],
    ["example.org", "g1", "groups", "ann", "json", "[]"],
    ["example.org", "g1", "groups", "bob", "json", `{"since":${at}}`],
  ];
  const path = sqliteFile(group.app, rows(now));
  assert.equal((await importProsody(group.app, [path])).code, 0);
  assert.deepEqual(await group.roster("ann"), { bob: ["both", ["Friends"]] });

  const toml = 'rosters.policy = "upstream"\nrosters.http_roster_url = "http://127.0.0.1:1/%s"';
  await using upstream = await createGroupApp({ toml });
  for (const flags of [["--dry-run"], []]) {
    const said = await importProsody(upstream.app, [sqliteFile(upstream.app, rows(now)), ...flags]).finally(
      () => Deno.remove(`${upstream.app.dir}/prosody.sqlite`),
    );
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stderr, /^example\.org, groups: The web app decides/m);
  }
});
