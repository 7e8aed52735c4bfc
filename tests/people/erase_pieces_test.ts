import assert from "node:assert/strict";
import { operator } from "../../src/core/actor.ts";
import { letOthersRun } from "../../src/core/turn.ts";
import { control, createTestApp } from "../harness.ts";

const host = "example.org";
const pieces = 1_000;

/** How often somebody else had a turn while this went on. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, isDone] = [0, false];
  const others = (async () => {
    for (; !isDone; turns++) await letOthersRun();
  })();
  await work();
  isDone = true;
  await others;
  return turns;
}

Deno.test("an account with many invites goes in pieces, and all of it goes", async () => {
  await using app = await createTestApp();
  const { token } = await app.services.invites.create(operator(host), { contact: "ann" });
  const { id: _, ...row } = await app.database.db.selectFrom("invite").selectAll().executeTakeFirstOrThrow();
  await app.database.write(async (db) => {
    for (let i = 0; i < pieces; i++) {
      const type = i % 2 === 0 ? "contact" : "account";
      const own = type === "contact" ? { type, username: "ann" } as const : { type, username: null } as const;
      await db.insertInto("invite").values({
        ...{ ...row, ...own, token_key: `${i}`.padStart(43, "x") },
        source: `ann@${host}`,
      }).execute();
    }
  });
  const turns = await turnsDuring(() => app.iq("set", `ann@${host}`, control("purge")));
  assert.ok(turns >= 8, `${turns} turns`);
  const left = await app.database.db.selectFrom("invite").select(["state", "source", "username"]).execute();
  assert.equal(left.length, pieces + 1);
  assert.ok(left.every(({ state }) => state === "revoked"));
  assert.ok(left.every(({ source, username }) => source !== `ann@${host}` && username !== "ann"));
  assert.notEqual(token, "");
});

Deno.test("a branch of somebody with many invites is revoked whole", async () => {
  await using app = await createTestApp({ prosody: { userExists: () => Promise.resolve(true) } });
  await app.services.invites.create(operator(host), {});
  const { id: _, ...row } = await app.database.db.selectFrom("invite").selectAll().executeTakeFirstOrThrow();
  await app.database.write(async (db) => {
    for (let i = 0; i < 1_500; i++) {
      await db.insertInto("invite").values({
        ...{ ...row, token_key: `${i}`.padStart(43, "x"), source: `ann@${host}` },
      }).execute();
    }
  });
  const seen = await app.services.people.changeBranch(operator(host), "ann", "freeze", { dryRun: true });
  assert.equal(seen.invites, 1_500);
  const report = await app.services.people.changeBranch(operator(host), "ann", "revoke");
  assert.equal(report.invites, 1_500);
  const { n } = await app.database.db.selectFrom("invite").select(({ fn }) => fn.countAll<number>().as("n"))
    .where("state", "=", "pending").executeTakeFirstOrThrow();
  assert.equal(n, 1);
});
