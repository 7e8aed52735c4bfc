import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { host, keptItem, setItem, sorted, startStage } from "./roster_rig.ts";
import { conditionOf } from "./xmpp_client.ts";

const marie = `marie@${host}`;

onEachProsody("of twenty clients of twenty users who edit at once none loses anything", async (install) => {
  await using stage = await startStage(install);
  const users = Array.from({ length: 20 }, (_, i) => `user${i}`);
  await stage.accounts(...users);
  const clients = await Promise.all(users.map((user) => stage.online(user)));
  await Promise.all(clients.map(async (client) => {
    const replies = Array.from(
      { length: 20 },
      (_, i) => setItem(client, `c${i}@${host}`, { name: `C ${i}`, groups: ["All"] }),
    );
    for (const reply of await Promise.all(replies)) assert.equal(conditionOf(reply), undefined);
    const removals = [1, 3, 5].map((i) => setItem(client, `c${i}@${host}`, undefined));
    for (const reply of await Promise.all(removals)) assert.equal(conditionOf(reply), undefined);
  }));
  for (const [i, user] of users.entries()) {
    const { contacts, version } = await stage.kept(user);
    assert.equal(Object.keys(contacts).length, 17);
    assert.equal(version, "23");
    assert.deepEqual(sorted(await clients[i]!.roster()), sorted(contacts));
  }
});

onEachProsody(
  "a request that comes in while its sender is added over HTTP does not undo that",
  async (install) => {
    await using stage = await startStage(install);
    const users = Array.from({ length: 40 }, (_, i) => `user${i}`);
    await stage.accounts("marie", "paul", ...users);
    const [one, other] = [await stage.online("marie"), await stage.online("paul")];
    for (const user of users) await other.sendPresence({ to: `${user}@${host}`, type: "subscribe" });
    await other.rest(); // Prosody has read all of their rosters
    await Promise.all(users.map(async (user, i) => {
      const added = stage.change("PUT", `/rosters/${user}/${marie}`, { name: "Marie", subscription: "none" });
      await new Promise((resolve) => setTimeout(resolve, i % 20));
      await one.sendPresence({ to: `${user}@${host}`, type: "subscribe" });
      await added;
    }));
    await stage.heard(one, other);
    const lost = await Promise.all(users.map((user) => keptItem(stage, user, marie)));
    assert.deepEqual(lost.filter((item) => item !== `none "Marie"`), []);
  },
);

onEachProsody(
  "what a client and the web site change in one contact at once is kept of both",
  async (install) => {
    await using stage = await startStage(install);
    const users = Array.from({ length: 30 }, (_, i) => `user${i}`);
    await stage.accounts(...users);
    const clients = await Promise.all(users.map((user) => stage.online(user)));
    const before = { name: "Marie", groups: ["Old"], subscription: "none" };
    await Promise.all(users.map((user) => stage.change("PUT", `/rosters/${user}/${marie}`, before)));
    await stage.heard(...clients);
    const requests: [string, unknown][] = [
      ["PATCH", { subscription: "both" }], // the client gives it a name meanwhile
      ["PATCH", { groups: ["New"] }],
      ["DELETE", undefined],
    ];
    await Promise.all(users.map(async (user, i) => {
      const [method, body] = requests[i % 3]!;
      const changed = stage.change(method, `/rosters/${user}/${marie}`, body);
      await new Promise((resolve) => setTimeout(resolve, i % 15));
      const edit = { name: "M.", groups: ["Old"] };
      assert.equal(conditionOf(await setItem(clients[i]!, marie, edit)), undefined);
      await changed;
    }));
    await stage.heard(...clients);
    for (const [i, user] of users.entries()) {
      const item = await keptItem(stage, user, marie);
      const wanted = [
        [`both "M." Old`],
        [`none "M." New`, `none "M." Old`], // the client may have seen the new group before it put the old one
        [undefined, `none "M." Old`, `none "M."`], // removed after the edit, or before
      ][i % 3]!;
      assert.ok(wanted.includes(item), `${user}: ${item}`);
      assert.deepEqual(sorted(await clients[i]!.roster()), sorted((await stage.kept(user)).contacts));
    }
  },
);
