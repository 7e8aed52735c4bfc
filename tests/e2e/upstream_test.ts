import assert from "node:assert/strict";
import { json, type Script } from "../rosters/web_app.ts";
import { onEachProsody } from "./each_prosody.ts";
import { takeLink } from "./peer.ts";
import { described, host, pushOf, setItem, sorted } from "./roster_rig.ts";
import { startUpstream } from "./upstream_rig.ts";
import { conditionOf, type Contact, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const both = (name?: string, ...groups: string[]): Contact => ({
  ...{ subscription: "both", groups },
  ...(name !== undefined && { name }),
});

/**
 * Takes pushes and presence until this many different ones have come: in short, without versions. Of two whose
 * rosters lose each other at the same time, one may hear twice that the other has left.
 */
async function hears(client: XmppClient, count: number, timeout?: number): Promise<string[]> {
  const lines = new Set<string>();
  while (lines.size < count) {
    const isNews = (stanza: Element) => pushOf(stanza) !== undefined || stanza.is("presence");
    lines.add(inShort(await client.next(isNews, timeout)));
  }
  for (const stanza of await client.rest()) lines.add(inShort(stanza));
  return [...lines].sort();
}

const inShort = (stanza: Element) =>
  described(stanza).replace(/^push \d+/, "push").replace(/(able \S+)\/\S+/, "$1");

onEachProsody(
  "the first login ever shows the app's roster, and what the app changes reaches whoever is online",
  async (install) => {
    await using stage = await startUpstream(install);
    Object.assign(stage.rosters, {
      john: {
        aaron: { name: "Aaron", groups: ["Work"] },
        marie: { name: "Marie" },
        max: { groups: { Old: true } },
      },
      aaron: { john: { name: "John" } },
      zoe: {},
    });
    await stage.accounts("john", "aaron", "zoe");
    await using early = await stage.pair.user("john");
    assert.deepEqual(sorted(await early.roster()), {
      [`aaron@${host}`]: both("Aaron", "Work"),
      [`marie@${host}`]: both("Marie"),
      [`max@${host}`]: both(undefined, "Old"),
    });
    const [aaron, zoe] = [await stage.online("aaron"), await stage.online("zoe")];
    await early.sendPresence();
    await aaron.next((stanza) => stanza.is("presence") && stanza.attrs.from === early.jid);
    await early.rest();

    Object.assign(stage.rosters, {
      john: { marie: { name: "Marie Curie" }, max: { groups: ["New", "Newer"] }, zoe: { name: "Zoe" } },
      ...{ aaron: {}, zoe: { john: {} } },
    });
    assert.deepEqual(await stage.refresh("john", "aaron", "zoe"), {
      ...{ status: "ok", message: "roster update complete", updated: 3, errors: 0 },
    });
    assert.deepEqual(await hears(early, 6), [
      `available zoe@${host}`,
      `push: aaron@${host} remove`,
      `push: marie@${host} both "Marie Curie"`,
      `push: max@${host} both New,Newer`,
      `push: zoe@${host} both "Zoe"`,
      `unavailable aaron@${host}`,
    ]);
    assert.deepEqual(await hears(aaron, 2), [`push: john@${host} remove`, `unavailable john@${host}`]);
    assert.deepEqual(await hears(zoe, 2), [`available john@${host}`, `push: john@${host} both`]);
    assert.deepEqual(
      Object.keys(await early.roster()).sort(),
      ["marie", "max", "zoe"].map((x) => `${x}@${host}`),
    );

    // Clients change nothing.
    assert.equal(conditionOf(await setItem(early, `max@${host}`, { name: "Mine" })), "not-allowed");
    assert.equal(conditionOf(await setItem(early, `max@${host}`, undefined)), "not-allowed");
    await early.sendPresence({ to: `aaron@${host}`, type: "subscribe" });
    assert.deepEqual((await early.rest()).map(conditionOf), ["not-allowed"]);
    assert.deepEqual(await aaron.rest(), []);
  },
);

/** Pings for as long as the work takes: the longest that a pong took, ms. */
async function longestPing(client: XmppClient, work: () => Promise<void>): Promise<number> {
  let [longest, isOver] = [0, false];
  const working = work().finally(() => isOver = true);
  while (!isOver) {
    const start = performance.now();
    await client.iq("get", host, xml("ping", { xmlns: "urn:xmpp:ping" }));
    longest = Math.max(longest, performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await working;
  return longest;
}

onEachProsody(
  "however the app fails, logins take no second, show what was known, and hold nobody up; when it is back, clients hear",
  async (install) => {
    await using stage = await startUpstream(install);
    const { web, rosters } = stage;
    rosters.john = { aaron: { name: "Aaron" } };
    rosters.aaron = { john: {} };
    rosters.max = { aaron: {} };
    const troubles: Record<string, Script> = {
      async slow(asked) {
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        return await stage.knows(asked);
      },
      wrong: () => json({ [`zoe@${host}`]: { name: 5 } }),
      "not JSON": () => new Response("<html>"),
      huge: () => new Response(" ".repeat(20_000)),
      failing: () => new Response("no", { status: 500 }),
      down: () => new Response("never seen"),
    };
    const names = Object.keys(troubles).map((_, i) => `new${i}`);
    await stage.accounts("john", "aaron", "max", ...names);
    for (const name of names) rosters[name] = { aaron: {} };
    for (const name of ["john", "max"]) await (await stage.online(name)).close();
    const aaron = await stage.online("aaron");

    const strangers: XmppClient[] = [];
    for (const [i, [trouble, script]] of Object.entries(troubles).entries()) {
      web.answer = script;
      if (trouble === "down") await web.down();
      const ping = await longestPing(aaron, async () => {
        for (const [name, roster] of [["john", [`aaron@${host}`]], [names[i]!, []]] as const) {
          const start = performance.now();
          const client = await stage.pair.user(name);
          assert.deepEqual(Object.keys(await client.roster()), roster, `${name}, app ${trouble}`);
          const time = performance.now() - start;
          assert.ok(time < 1_000, `${name} took ${time} ms, app ${trouble}`);
          await client.sendPresence();
          await client.rest();
          if (name === "john") await client.close();
          else strangers.push(client);
        }
      });
      assert.ok(ping < 600, `a pong took ${ping} ms, app ${trouble}`);
      if (trouble === "slow") assert.deepEqual(await hears(strangers[0]!, 1), [`push: aaron@${host} both`]);
    }

    await using max = await stage.pair.user("max"); // while the app is down
    assert.deepEqual(Object.keys(await max.roster()), [`aaron@${host}`]);
    await stage.pair.couplet.logged("left alone for a while");
    rosters.max = { marie: { name: "Marie" } };
    web.answer = stage.knows;
    web.up();
    for (const client of strangers.slice(-2)) { // who came while it failed, and while it was down
      assert.deepEqual(await hears(client, 1, 25_000), [`push: aaron@${host} both`]);
    }
    assert.deepEqual(await hears(max, 2, 25_000), [
      `push: aaron@${host} remove`,
      `push: marie@${host} both "Marie"`,
    ]);
    // Of wrong answers nobody is owed a better one before the app says that there is one.
    assert.deepEqual(await stage.refresh(...names), {
      ...{ status: "ok", message: "roster update complete", updated: names.length, errors: 0 },
    });
    for (const client of strangers.slice(1, -2)) {
      assert.deepEqual(await hears(client, 1), [`push: aaron@${host} both`]);
    }
    for (const client of strangers) await client.close();
  },
);

onEachProsody("who logs in while Prosody has no link is asked for all the same", async (install) => {
  await using stage = await startUpstream(install);
  const { couplet, prosody } = stage.pair;
  stage.rosters.john = { aaron: {} };
  await stage.accounts("john");
  await prosody.stop();
  using _other = await takeLink(couplet.socket, host);
  await prosody.restart();
  const john = await stage.online("john");
  assert.deepEqual(await john.roster(), { [`aaron@${host}`]: both() });
});
