import assert from "node:assert/strict";
import { type HostSettings, readConfig } from "../../src/config.ts";
import { createHosts } from "../../src/hosts/hosts.ts";
import { createRefresh } from "../../src/rosters/refreshing.ts";
import { createRosterApp } from "./rig.ts";
import { createUpstreamRig, timed } from "./upstream_rig.ts";
import { createGate, json } from "./web_app.ts";

const message = "roster update complete";
const nameOf = (path: string) => path.split("/").at(-1);

Deno.test("where the app decides, a refresh counts whom it knows, and names why the others failed", async () => {
  await using rig = await createUpstreamRig(({ path }) =>
    nameOf(path) === "zoe" ? new Response("no", { status: 404 }) : json({ "aaron@example.org": {} })
  );
  const { status, body } = await rig.call("POST", "/roster_admin/refresh", [
    "john",
    "zoe",
    "JOHN",
    "a b",
    "max",
  ]);
  assert.equal(status, 200);
  assert.deepEqual(body, { status: "ok", message, updated: 2, errors: 2 });
  assert.deepEqual(Object.keys(await rig.roster("max")), ["aaron@example.org"]);
  const one = await rig.call("GET", "/roster_admin/refresh/zoe");
  assert.equal(one.status, 500);
  assert.match(one.body.message, /^no roster was updated: zoe: .* status 404\.$/);
  assert.deepEqual((await rig.call("GET", "/roster_admin/refresh/john")).body, { status: "ok", message });
});

Deno.test("an app that is down or wrong makes a refresh fail, soon, and every user counts", async () => {
  await using rig = await createUpstreamRig(() => json({ "aaron@example.org": 5 }));
  const users = Array.from({ length: 100 }, (_, i) => `user${i}`);
  const wrong = await rig.call("POST", "/roster_admin/refresh", users);
  assert.deepEqual([wrong.status, wrong.body.updated, wrong.body.errors], [500, 0, 100]);
  assert.match(wrong.body.message, /user0: .*A contact is an object/);
  await rig.web.down();
  const time = await timed(async () => {
    const { status, body } = await rig.call("POST", "/roster_admin/refresh", users);
    assert.deepEqual([status, body.updated, body.errors], [500, 0, 100]);
  });
  assert.ok(time < 1_500, `${time} ms`);
});

Deno.test("who waits for a refresh waits for a slow app once, and for one that stumbles until it stands", async () => {
  const rosters = 'http_roster_timeout = "1s"';
  await using rig = await createUpstreamRig(() => json({ "aaron@example.org": {} }), { rosters, tries: 3 });
  const gate = createGate();
  rig.web.answer = () => gate.passed.then(() => json({}));
  const time = await timed(async () => {
    const { status, body } = await rig.call("POST", "/roster_admin/refresh", ["john"]);
    assert.deepEqual([status, body.updated, body.errors], [500, 0, 1]);
    assert.match(body.message, /did not answer in full within 1000 ms/);
  });
  assert.ok(time < 1_500, `${time} ms`);
  gate.open();
  await rig.settled();
  const before = rig.web.asked.length;
  assert.equal(before, 1);
  rig.web.answer = () =>
    rig.web.asked.length === before + 1
      ? new Response("no", { status: 503 })
      : json({ "zoe@example.org": {} });
  const { body } = await rig.call("POST", "/roster_admin/refresh", ["john"]);
  assert.deepEqual([body.updated, body.errors], [1, 0]);
  assert.deepEqual(Object.keys(await rig.roster()), ["zoe@example.org"]);
});

Deno.test("accounts that are not there are errors and not asked for, where the app decides and where it does not", async () => {
  const userExists = (_: string, user: string) => Promise.resolve(user === "john" ? true : false);
  const pushed: string[] = [];
  const pushRoster = (_: string, user: string) => Promise.resolve(pushed.push(user) > 0);
  await using app = await createRosterApp({ prosody: { userExists, pushRoster } });
  const { body } = await app.call("POST", "/roster_admin/refresh", ["john", "ghost", "nobody"]);
  assert.deepEqual([body.updated, body.errors], [1, 2]);
  assert.deepEqual(pushed, ["john"]);
  const fetched: string[] = [];
  const refresh = refreshOf("upstream", {
    userExists,
    fetch: (_, user) => Promise.resolve(void fetched.push(user)),
  });
  const { updated, failed } = await refresh.refresh("example.org", ["ghost", "john"]);
  assert.deepEqual([updated, failed], [["john"], [{ user: "ghost", reason: "There is no such account." }]]);
  assert.deepEqual(fetched, ["john"]);
});

type Needs = Parameters<typeof createRefresh>[0];

function refreshOf(
  policy: HostSettings["rosters.policy"],
  { fetch = () => Promise.resolve(), patience = 50, ...prosody }:
    & Partial<Needs["prosody"]>
    & { fetch?: Needs["upstream"]["fetch"]; patience?: number },
) {
  return createRefresh({
    hosts: createHosts([{ domain: "example.org", own: { "rosters.policy": policy } }], {
      url: () => "http://x",
      settings: readConfig({ env: {} }),
    }),
    prosody: {
      userExists: () => Promise.resolve(undefined),
      pushRoster: () => Promise.resolve(true),
      ...prosody,
    },
    ...{ upstream: { fetch }, patience },
  });
}

const never = () => new Promise<never>(() => {});

Deno.test("what hangs counts as an error when patience is over, and nobody is begun with after that", async () => {
  const users = Array.from({ length: 100 }, (_, i) => `user${i}`);
  const gate = createGate();
  let begun = 0;
  const slow = {
    fetch: (_: string, user: string) => (begun++, user === "user0" ? Promise.resolve() : gate.passed),
  };
  for (
    const refresh of [
      refreshOf("upstream", slow),
      refreshOf("shared", { userExists: never }),
      refreshOf("shared", { pushRoster: never }),
    ]
  ) {
    const time = await timed(async () => {
      const { updated, failed } = await refresh.refresh("example.org", users);
      assert.equal(updated.length + failed.length, users.length);
      assert.deepEqual(updated, updated.length > 0 ? ["user0"] : []);
      assert.match(failed[0]!.reason, /not done in time/);
      assert.match(failed.at(-1)!.reason, /no time left/);
    });
    assert.ok(time < 1_000, `${time} ms`);
  }
  assert.equal(begun, 33);
  gate.open();
  await new Promise((resolve) => setTimeout(resolve)); // each of the 32 could take another one now
  assert.equal(begun, 33);
});

Deno.test("an error in one is its own", async () => {
  const refresh = refreshOf("shared", {
    userExists: (_, user) => user === "bad" ? Promise.reject(new Error("broken")) : Promise.resolve(true),
    pushRoster: (_, user) => Promise.resolve(user === "deaf" ? undefined : user !== "odd"),
  });
  const { updated, failed } = await refresh.refresh("example.org", ["john", "bad", "deaf", "odd"]);
  assert.deepEqual(updated, ["john"]);
  assert.deepEqual(failed.map(({ user, reason }) => `${user}: ${reason}`), [
    "bad: broken",
    "deaf: Prosody could not be told.",
    "odd: Prosody could not be told.",
  ]);
});
