import assert from "node:assert/strict";
import fc from "fast-check";
import { onEachProsody } from "./each_prosody.ts";
import { host, ownCopy, setItem, type Stage, startStage, visible } from "./roster_rig.ts";
import { conditionOf, xml, type XmppClient } from "./xmpp_client.ts";

const ping = xml("ping", { xmlns: "urn:xmpp:ping" });

/** What somebody does after a little while. */
interface Step {
  readonly who: "phone" | "laptop" | "http";
  readonly wait: number;
  readonly jid: string;
  readonly act: "set" | "remove" | "subscribe" | "unsubscribe" | "subscribed" | "unsubscribed";
  readonly name: string;
  readonly groups: readonly string[];
  readonly subscription: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.constantFrom("phone", "laptop", "http"),
  wait: fc.integer({ min: 0, max: 8 }), // ms
  jid: fc.constantFrom(`ann@${host}`, `bob@${host}`, `nobody@${host}`, `zoë@${host}`),
  act: fc.oneof(
    { weight: 4, arbitrary: fc.constant("set" as const) },
    { weight: 2, arbitrary: fc.constant("remove" as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("subscribe", "unsubscribe", "subscribed", "unsubscribed"),
    },
  ) as fc.Arbitrary<Step["act"]>,
  name: fc.constantFrom("", "Ann", `]]"\\&<é`),
  groups: fc.subarray(["Friends", "Work", "]]>"]),
  subscription: fc.constantFrom("none", "to", "from", "both"),
});

async function byClient(client: XmppClient, { jid, act, name, groups }: Step): Promise<void> {
  if (act === "set" || act === "remove") {
    const condition = conditionOf(await setItem(client, jid, act === "set" ? { name, groups } : undefined));
    assert.ok(condition === undefined || condition === "item-not-found", condition);
  } else await client.sendPresence({ to: jid, type: act });
}

async function byHttp(
  stage: Stage,
  user: string,
  { jid, act, name, groups, subscription }: Step,
): Promise<void> {
  const path = `/rosters/${user}/${jid}`;
  const contact = { ...(name !== "" && { name }), groups, subscription };
  const request = {
    set: () => stage.pair.rosterApi("PUT", path, contact),
    remove: () => stage.pair.rosterApi("DELETE", path),
    subscribe: () => stage.pair.rosterApi("PATCH", path, { subscription }),
    subscribed: () => stage.pair.rosterApi("PATCH", path, { name }),
    unsubscribe: () =>
      stage.pair.rosterApi("PATCH", `/rosters/${user}`, { [jid]: null, [`bob@${host}`]: {} }),
    unsubscribed: () => stage.pair.rosterApi("PUT", `/rosters/${user}`, { [jid]: contact }),
  };
  const response = await request[act]();
  const text = await response.text();
  assert.ok(response.ok || response.status === 404, `${response.status} ${text}`);
}

onEachProsody(
  "however two clients and the web site edit one roster, all of them end up with the same",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("ann", "bob");
    let runs = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 40 }), async (steps) => {
      const user = `john${++runs}`;
      await stage.accounts(user);
      const clients = {
        phone: await stage.online(user, "phone"),
        laptop: await stage.online(user, "laptop"),
      };
      const copies = { phone: await clients.phone.roster(), laptop: await clients.laptop.roster() };
      await Promise.all((["phone", "laptop", "http"] as const).map(async (who) => {
        for (const step of steps.filter((step) => step.who === who)) {
          await new Promise((resolve) => setTimeout(resolve, step.wait));
          if (who === "http") await byHttp(stage, user, step);
          else await byClient(clients[who], step);
        }
      }));
      await Promise.all(Object.values(clients).map((client) => client.iq("get", undefined, ping)));
      await stage.dealtWith();
      const kept = await stage.kept(user);
      const wanted = visible(kept.contacts);
      assert.deepEqual(await ownCopy(clients.phone, copies.phone), wanted, "the phone's own copy");
      assert.deepEqual(await ownCopy(clients.laptop, copies.laptop), wanted, "the laptop's own copy");
      await using third = await stage.pair.user(user, undefined, undefined, "third");
      const seen = await third.rosterSince();
      assert.deepEqual(visible(seen!.contacts), wanted, "another client of theirs");
      await Promise.all([clients.phone.close(), clients.laptop.close(), third.close()]);
      await using fresh = await stage.pair.user(user);
      const read = await fresh.rosterSince();
      assert.deepEqual([visible(read!.contacts), read!.ver], [wanted, kept.version], "a fresh login");
    });
    await fc.assert(property, { seed: 6121, numRuns: 4, endOnFailure: true });
  },
);
