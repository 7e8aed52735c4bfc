import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { host, startStage } from "./roster_rig.ts";
import { xml, type XmppClient } from "./xmpp_client.ts";

const contacts = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`u${i}@${host}`, { name: `User ${i}`, groups: ["Team"] }]),
  );

/** How long somebody's ping takes, ms. */
async function ping(client: XmppClient): Promise<number> {
  const start = performance.now();
  await client.iq("get", host, xml("ping", { xmlns: "urn:xmpp:ping" }));
  return performance.now() - start;
}

onEachProsody(
  "changes of many contacts, for somebody who is there or not, hold up nobody else",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("john", "marie", "aaron");
    const john = await stage.online("john");
    const marie = await stage.online("marie");
    for (const user of ["john", "aaron"]) {
      for (const count of [500, 6_000]) { // one that is pushed as it is, and one that Prosody reads for itself
        for (const size of [count, 0]) {
          await stage.change("PUT", `/rosters/${user}`, contacts(size));
          const took = await ping(marie);
          assert.ok(took < 3_000, `${user}, ${count}: ${took} ms`);
          await stage.dealtWith();
          assert.equal(Object.keys((await stage.kept(user)).contacts).length, size);
        }
      }
    }
    assert.deepEqual(await john.roster(), {});
  },
);
