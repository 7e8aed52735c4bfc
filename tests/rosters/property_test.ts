import assert from "node:assert/strict";
import fc from "fast-check";
import { createRosterApp, type Json } from "./rig.ts";

const text = fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }).filter((one) =>
  !/\p{Cc}/u.test(one)
);
const local = fc.constantFrom(..."abcdefgh").map((name) => `${name}@example.org`);
const states = fc.constantFrom(
  {},
  { subscription: "both" },
  { subscription: "to" },
  { subscription: "from" },
  { subscription: "none" },
  { subscription: "none", ask: "subscribe" },
  { subscription: "to", approved: true },
  { subscription: "from", ask: "subscribe" },
);
const item = fc.record({ name: text, groups: fc.uniqueArray(text, { maxLength: 4 }) }, { requiredKeys: [] })
  .chain((rest) => states.map((state) => ({ ...rest, ...state })));
const rosters = fc.dictionary(local, item, { maxKeys: 8, noNullPrototype: true });

/** The item as GET shows it. */
const shown = ({ groups = [], ...rest }: Json) => ({
  subscription: "both",
  ...rest,
  groups: [...groups].sort(),
});
const shownAll = (roster: Json): Json =>
  Object.fromEntries(Object.entries(roster).map(([jid, one]) => [jid, shown(one)]));
const isSame = (one: unknown, other: unknown): boolean => {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
};

Deno.test("PUT A then PUT B ends in B, reports exactly the differences, and PUT B again reports nothing", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  let user = 0;
  await fc.assert(
    fc.asyncProperty(rosters, rosters, async (a, b) => {
      const path = `/v1/rosters/user${user++}`;
      const first = await call("PUT", path, a);
      assert.deepEqual(first.body.added.sort(), Object.keys(a).sort());
      const [before, after] = [shownAll(a), shownAll(b)];
      assert.deepEqual(await roster(`user${user - 1}`), before);
      const second = await call("PUT", path, b);
      assert.deepEqual(await roster(`user${user - 1}`), after);
      const all = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
      const { added, changed, removed, version } = second.body;
      assert.deepEqual(added.sort(), all.filter((jid) => !(jid in before)));
      assert.deepEqual(removed.sort(), all.filter((jid) => !(jid in after)));
      assert.deepEqual(
        changed.sort(),
        all.filter((jid) => jid in before && jid in after && !isSame(before[jid], after[jid])),
      );
      const third = await call("PUT", path, b);
      assert.deepEqual(third.body, { user: `user${user - 1}`, version, added: [], changed: [], removed: [] });
    }),
    { numRuns: 100 },
  );
});

Deno.test("a patch from A to B, by the differences alone, ends in B as a PUT does", async () => {
  await using rig = await createRosterApp();
  const { call, roster } = rig;
  let user = 0;
  await fc.assert(
    fc.asyncProperty(rosters, rosters, async (a, b) => {
      const path = `/v1/rosters/user${user++}`;
      await call("PUT", path, a);
      const [before, after] = [shownAll(a), shownAll(b)];
      const gone = Object.keys(a).filter((jid) => !(jid in b)).map((jid) => [jid, null]);
      const blank = { name: null, ask: null, approved: null };
      const set = Object.keys(b).filter((jid) => !isSame(before[jid], after[jid]))
        .map((jid) => [jid, { ...blank, ...after[jid] }]);
      const done = await call("PATCH", path, Object.fromEntries([...gone, ...set]));
      assert.equal(done.status, 200);
      assert.deepEqual(await roster(`user${user - 1}`), after);
    }),
    { numRuns: 50 },
  );
});
