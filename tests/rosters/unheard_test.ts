import assert from "node:assert/strict";
import { control } from "../harness.ts";
import { createRosterApp, type RosterApp } from "./rig.ts";

const [john, marie] = ["john@example.org", "marie@example.org"];

/** What a Prosody saves that still has this version, which it makes the next: Marie with another name. */
async function saveName({ app }: RosterApp, version: number): Promise<void> {
  const items = [[marie, { name: "M.", subscription: "none", groups: ["Friends"] }]];
  const tag = control("roster", { version: String(version + 1) }, JSON.stringify({ items, pending: {} }));
  assert.equal((await app.iq("set", john, tag)).attrs.type, "result");
}

const before = { name: "Marie", subscription: "none", groups: ["Friends"] };
const after = { ...before, subscription: "both" };
const merged = { name: "M.", subscription: "both", groups: ["Friends"] };

/** Answers with the version that Prosody has heard of. */
async function start(rig: RosterApp): Promise<number> {
  const { body } = await rig.call("PUT", "/v1/rosters/john", { [marie]: before });
  await rig.app.services.pushes.settled();
  return body.version;
}

Deno.test("what is changed over HTTP is not undone by a Prosody that has not heard of it, however much it is", async () => {
  for (const count of [10, 10_000]) {
    let hears = true;
    await using rig = await createRosterApp({
      prosody: { isLinked: () => true, pushRoster: () => Promise.resolve(hears || undefined) },
    });
    const version = await start(rig);
    hears = false;
    const others = Array.from(
      { length: count - 1 },
      (
        _,
        i,
      ) => [`somebody-with-a-name-${i}@example.org`, { name: `Somebody ${i}`, groups: ["Friends", "Work"] }],
    );
    await rig.call("PUT", "/v1/rosters/john", { ...Object.fromEntries(others), [marie]: after });
    await saveName(rig, version);
    const roster = await rig.roster();
    assert.deepEqual([Object.keys(roster).length, roster[marie]], [count, merged]);
  }
});

Deno.test("what is changed over HTTP is not undone by a Prosody that is about to link", async () => {
  await using rig = await createRosterApp({ prosody: { isLinked: () => false } });
  const { pushes } = rig.app.services;
  const version = await start(rig);
  const left = async () =>
    (await rig.app.database.db.selectFrom("roster_push").select("id").execute()).length;
  await rig.call("PUT", `/v1/rosters/john/${marie}`, after);
  await pushes.deliverAll();
  await saveName(rig, version);
  assert.deepEqual((await rig.roster())[marie], merged);
  rig.app.advance(60_000);
  await pushes.deliverAll();
  assert.equal(await left(), 0, "none has come, and one that does will look for itself");
});
