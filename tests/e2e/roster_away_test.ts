import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { startCouplet } from "./daemon.ts";
import { onEachProsody } from "./each_prosody.ts";
import { agree, host, pushOf, setItem, startStage } from "./roster_rig.ts";
import { conditionOf } from "./xmpp_client.ts";

const [john, marie] = [`john@${host}`, `marie@${host}`];
const quick = { config: "couplet_pause = 1" };

onEachProsody(
  "what was changed while they were not linked is pushed once they are, and no more",
  async (install) => {
    await using stage = await startStage(install, quick);
    const { couplet, linkedAgain } = stage.pair;
    await stage.accounts("john", "marie", "paul");
    const clients = [
      await stage.online("john", "phone"),
      await stage.online("john", "laptop"),
      await stage.online("marie", "phone"),
      await stage.online("paul", "phone"),
    ];
    await stage.change("PUT", "/rosters/john", {
      [`a@${host}`]: { name: "A" },
      [`b@${host}`]: { name: "B" },
      [`c@${host}`]: { name: "C", groups: ["Same"] },
    });
    await stage.change("POST", "/roster_pairs", { add: [{ users: ["marie", "paul"] }] });
    await stage.heard(...clients);
    const before = await stage.kept("john");

    await couplet.stop();
    const url = new URL(couplet.url);
    const env = { COUPLET_HTTP_LISTEN: url.host, COUPLET_CONTROL_SOCKET: `${couplet.dataDir}/other.sock` };
    await using alone = await startCouplet({ hosts: [host], dataDir: couplet.dataDir, env });
    await stage.change("PATCH", "/rosters/john", { [`a@${host}`]: { name: "Other" } });
    await stage.change("PATCH", "/rosters/john", { [`a@${host}`]: { name: "A." }, [`b@${host}`]: null });
    await stage.change("PUT", `/rosters/john/c@${host}`, { name: "Elsewhere" });
    await stage.change("PUT", `/rosters/john/c@${host}`, { name: "C", groups: ["Same"] });
    await stage.change("PUT", `/rosters/john/${marie}`, { name: "Marie", subscription: "from" });
    await stage.change("POST", "/roster_pairs", { remove: [{ users: ["marie", "paul"] }] });
    await alone.stop();

    await couplet.restart();
    await linkedAgain();
    const heard = await stage.heard(...clients);
    const [phone, laptop, maries, pauls] = heard.map((lines) =>
      [...new Set(lines.map((line) => line.replace(/^push \d+/, "push")))].sort()
    );
    const johns = [
      `push: a@${host} both "A."`,
      `push: b@${host} remove`,
      `push: ${marie} from "Marie"`,
    ];
    assert.deepEqual([phone, laptop], [johns, johns]);
    assert.deepEqual(maries, [
      `available ${john}/laptop`,
      `available ${john}/phone`,
      `push: paul@${host} remove`,
      `unavailable paul@${host}/phone`,
    ]);
    assert.deepEqual(pauls, [`push: ${marie} remove`, `unavailable ${marie}/phone`]);
    for (const lines of heard) {
      assert.equal(
        new Set(lines.filter((line) => line.startsWith("push"))).size,
        lines.filter((line) => line.startsWith("push")).length,
        String(lines),
      );
    }
    await agree(stage, "john", clients[0]!, []);
    assert.ok(await clients[0]!.rosterSince(before.version));
  },
);

onEachProsody(
  "while the daemon is away clients are told so, and afterwards everybody has the right roster",
  async (install) => {
    await using stage = await startStage(install, quick);
    const { pair } = stage;
    const users = Array.from({ length: 50 }, (_, i) => `user${i}`);
    await stage.accounts(...users);
    const contact = (i: number) => `contact${i}@${host}`;
    for (const [i, user] of users.entries()) {
      await stage.change("PUT", `/rosters/${user}/${contact(i)}`, {
        name: user,
      });
    }
    const there = await Promise.all(users.slice(0, 5).map((user) => stage.online(user)));
    const versions = await Promise.all(there.map(async (client) => (await client.rosterSince())!.ver));
    await stage.heard(...there);

    await pair.couplet.stop();
    await Promise.all(users.map(async (user, i) => {
      await using client = await pair.stream();
      const reply = await client.login(user, "a secret");
      if (i < there.length) return; // somebody of theirs is here: Prosody knows their roster
      assert.equal(conditionOf(reply), "internal-server-error");
      assert.equal(client.jid, undefined);
      assert.equal(reply.getChild("error")?.getChildText("text"), "Error loading roster");
    }));
    const wrong: string[] = [];
    for (const [i, client] of there.entries()) {
      assert.equal(
        conditionOf(await setItem(client, contact(i), { name: "Changed" })),
        "internal-server-error",
      );
      assert.equal(conditionOf(await setItem(client, `new@${host}`, {})), "internal-server-error");
      assert.equal(conditionOf(await setItem(client, contact(i), undefined)), "internal-server-error");
      await client.sendPresence({ to: `user40@${host}`, type: "subscribe" });
      const seen = await client.rosterSince();
      assert.equal(seen?.contacts[contact(i)]?.name, users[i], "what was not saved is not shown");
      wrong.push(seen!.ver);
      await client.rest();
    }

    await pair.couplet.restart();
    await pair.linkedAgain();
    await stage.dealtWith();
    for (const [i, client] of there.entries()) {
      assert.equal((await stage.kept(users[i]!)).version, versions[i]);
      await agree(stage, users[i]!, client, [contact(i)]);
      assert.notEqual(
        await client.rosterSince(wrong[i]),
        undefined,
        "what was never kept is nobody's version",
      );
      assert.equal(conditionOf(await setItem(client, contact(i), { name: "Changed" })), undefined);
      assert.notEqual(await client.rosterSince(wrong[i]), undefined);
      assert.notEqual(await client.rosterSince(versions[i]), undefined);
      await agree(stage, users[i]!, client, [contact(i)]);
    }
    await Promise.all(
      users.slice(there.length).map(async (user, i) => {
        await using client = await pair.user(user);
        await agree(stage, user, client, [contact(i + there.length)]);
        assert.equal(conditionOf(await setItem(client, `new@${host}`, { name: "New" })), undefined);
        await agree(stage, user, client, [`new@${host}`, contact(i + there.length)]);
      }),
    );
  },
);

onEachProsody("an edit that took too long and was kept after all is told to the clients", async (install) => {
  await using stage = await startStage(install, quick);
  await stage.accounts("john");
  const [phone, laptop] = [await stage.online("john", "phone"), await stage.online("john", "laptop")];
  await setItem(phone, marie, { name: "Marie" });
  await stage.heard(phone, laptop);
  const database = new DatabaseSync(`${stage.pair.couplet.dataDir}/couplet.db`);
  try {
    database.exec("begin immediate"); // as somebody else who writes
    assert.equal(conditionOf(await setItem(phone, marie, { name: "M." })), "internal-server-error");
    database.exec("commit");
  } finally {
    database.close();
  }
  for (const client of [phone, laptop]) {
    const push = await client.next((stanza) => pushOf(stanza) !== undefined);
    assert.equal(pushOf(push)?.contact.name, "M.");
  }
  await agree(stage, "john", phone, [marie]);
  assert.equal(conditionOf(await setItem(phone, marie, { name: "Mary" })), undefined);
  await agree(stage, "john", phone, [marie]);
});
