import assert from "node:assert/strict";
import fc from "fast-check";
import { merge } from "../../src/rosters/merge.ts";
import type { RosterItem } from "../../src/rosters/roster.ts";

const item: fc.Arbitrary<RosterItem> = fc.record({
  name: fc.constantFrom("Marie", "M."),
  groups: fc.subarray(["Friends", "Work"]),
  subscription: fc.constantFrom("none", "to", "from", "both"),
  ask: fc.constant(false),
  approved: fc.constant(false),
}, { noNullPrototype: true });
const maybe = fc.option(item, { nil: undefined });

Deno.test("of a contact that only one has changed it is that one's", () => {
  fc.assert(fc.property(maybe, maybe, (base, changed) => {
    assert.deepEqual(merge(base, changed, base), changed);
    if (base) assert.deepEqual(merge(base, base, changed), changed);
  }));
});

Deno.test("what either has changed is kept, and what both have as Prosody has it", () => {
  fc.assert(fc.property(item, item, item, (base, kept, saved) => {
    const merged = merge(base, kept, saved);
    for (const field of ["name", "groups", "subscription"] as const) {
      const isSaved = JSON.stringify(saved[field]) !== JSON.stringify(base[field]);
      assert.deepEqual(merged?.[field], (isSaved ? saved : kept)[field]);
    }
  }));
});

Deno.test("who was added here stays when Prosody, which has not heard of it, has no such contact", () => {
  fc.assert(fc.property(item, (kept) => assert.deepEqual(merge(undefined, kept, undefined), kept)));
});

Deno.test("a contact that was removed here and edited there has no subscription that it did not get there", () => {
  fc.assert(fc.property(item, item, (base, saved) => {
    const merged = merge(base, undefined, { ...saved, subscription: base.subscription });
    assert.equal(merged?.subscription ?? "none", "none");
  }));
});
