import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { described, host, keptItem, rosterNs, setItem, sorted, startStage } from "./roster_rig.ts";
import { conditionOf, xml, type XmppClient } from "./xmpp_client.ts";

const [john, marie] = [`john@${host}`, `marie@${host}`];

/** Sends presence of this type and waits until the server has dealt with it. */
async function say(client: XmppClient, type: string, to: string): Promise<void> {
  await client.sendPresence({ to, type });
  await client.rest();
}

const texts = [
  "Zoë Çelik",
  `"quoted" and 'so'`,
  "]]> ]=] ]] --[[",
  "back\\slash \\n \\065 \\",
  "<b>&amp;</b> & < >",
  "👩‍👩‍👧‍👦 🎉",
  "中文 العربية ไทย",
  "%d %s $1 ${x} #{y}",
  "__proto__",
  "constructor",
  "end",
  "true",
  "1",
  "x".repeat(1023),
  "é".repeat(511),
];

onEachProsody("whatever a client writes into its roster is kept as it was written", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john");
  const [phone, laptop] = [await stage.online("john", "phone"), await stage.online("john", "laptop")];
  for (const [i, name] of texts.entries()) {
    const groups = [name, `G${i}`].sort();
    assert.equal(conditionOf(await setItem(phone, `c${i}@${host}`, { name, groups })), undefined, name);
  }
  const { contacts, version } = await stage.kept("john");
  assert.deepEqual(
    Object.fromEntries(Object.entries(contacts).map(([jid, { name }]) => [jid, name])),
    Object.fromEntries(texts.map((name, i) => [`c${i}@${host}`, name])),
  );
  for (const [i, name] of texts.entries()) {
    assert.deepEqual(contacts[`c${i}@${host}`]?.groups, [name, `G${i}`].sort());
  }
  const seen = await laptop.rosterSince();
  assert.deepEqual([sorted(seen!.contacts), seen!.ver], [sorted(contacts), version]);
  await stage.pair.prosody.restart(); // and read again it is the same
  const again = await stage.online("john");
  assert.deepEqual(await again.rosterSince(version), undefined);
  assert.deepEqual(sorted(await again.roster()), sorted(contacts));
});

onEachProsody(
  "what one client adds, renames, regroups and removes is kept, and pushed to the other",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("john");
    const [phone, laptop] = [await stage.online("john", "phone"), await stage.online("john", "laptop")];
    await stage.heard(phone, laptop);
    const steps: [Parameters<typeof setItem>[2], string | undefined][] = [
      [{}, "none"],
      [{ name: "Marie", groups: ["Work", "Friends"] }, `none "Marie" Friends,Work`],
      [{ name: "M.", groups: ["Work"] }, `none "M." Work`],
      [{ groups: ["Work"] }, "none Work"],
      [{ name: "", groups: [] }, "none"],
      [undefined, undefined],
      [{ name: "Again" }, `none "Again"`],
    ];
    for (const [i, [item, kept]] of steps.entries()) {
      assert.equal(conditionOf(await setItem(phone, marie, item)), undefined);
      assert.equal(await keptItem(stage, "john", marie), kept);
      const push = `push ${i + 1}: ${marie} ${kept ?? "remove"}`;
      assert.deepEqual(await stage.heard(phone, laptop), [[push], [push]]);
      assert.equal((await stage.kept("john")).version, String(i + 1));
    }
  },
);

onEachProsody("a handshake, step by step, is kept on both sides", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john", "marie");
  const [one, other] = [await stage.online("john", "phone"), await stage.online("marie", "phone")];
  const both = async () => [await keptItem(stage, "john", marie), await keptItem(stage, "marie", john)];
  const steps: [XmppClient, string, string, (string | undefined)[]][] = [
    [one, "subscribe", marie, ["none subscribe", undefined]],
    [other, "subscribed", john, ["to", "from"]],
    [other, "subscribe", john, ["to", "from subscribe"]],
    [one, "subscribed", marie, ["both", "both"]],
    [one, "unsubscribe", marie, ["from", "to"]],
    [one, "unsubscribed", marie, ["none", "none"]],
    [one, "subscribe", marie, ["none subscribe", "none"]],
    [other, "unsubscribed", john, ["none", "none"]], // declined
    [one, "subscribed", marie, ["none approved", "none"]], // before it is asked for
    [other, "subscribe", john, ["from", "to"]],
    [one, "subscribe", marie, ["from subscribe", "to"]],
    [one, "unsubscribe", marie, ["from", "to"]], // taken back
  ];
  for (const [who, type, to, kept] of steps) {
    await say(who, type, to);
    assert.deepEqual(await both(), kept, `${type} ${to}`);
  }
});

onEachProsody("what is granted before it is asked for is kept, and good after a restart", async (install) => {
  await using stage = await startStage(install);
  const { pair } = stage;
  await stage.accounts("john", "marie");
  const one = await stage.online("john", "phone");
  await say(one, "subscribed", marie);
  assert.equal(await keptItem(stage, "john", marie), "none approved");
  await pair.prosody.restart();
  await pair.couplet.restart();
  await pair.linkedAgain();
  // While he is away Prosody keeps the grant to itself, wherever rosters are kept.
  await stage.online("john", "phone");
  const other = await stage.online("marie", "phone");
  await say(other, "subscribe", john);
  assert.equal(await keptItem(stage, "marie", john), "to");
  assert.equal(await keptItem(stage, "john", marie), "from");
});

onEachProsody(
  "a request waits for its answer through restarts of Prosody and of the daemon",
  async (install) => {
    await using stage = await startStage(install);
    const { pair } = stage;
    await stage.accounts("john", "marie");
    const one = await stage.online("john");
    const status = xml("status", {}, `It's me: "John" & <co> ]] \\ 👋`);
    await one.sendPresence({ to: marie, type: "subscribe" }, status);
    await one.rest();
    assert.equal(await keptItem(stage, "john", marie), "none subscribe");
    await pair.prosody.restart();
    await pair.couplet.restart();
    await pair.linkedAgain();
    const other = await stage.pair.user("marie");
    assert.deepEqual(await other.roster(), {});
    await other.sendPresence();
    const request = await other.next((stanza) => stanza.is("presence") && stanza.attrs.type === "subscribe");
    assert.equal(described(request), `subscribe ${john}`);
    assert.equal(request.getChildText("status"), status.getText());
    await say(other, "subscribed", john);
    assert.equal(await keptItem(stage, "john", marie), "to");
    assert.equal(await keptItem(stage, "marie", john), "from");
    await other.close();
    await using again = await stage.pair.user("marie");
    await again.sendPresence();
    assert.deepEqual((await again.rest()).filter(({ attrs }) => attrs.type === "subscribe"), []);
  },
);

onEachProsody("an item that cannot be kept is not acceptable, and nothing changes", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john");
  const [phone, laptop] = [await stage.online("john", "phone"), await stage.online("john", "laptop")];
  await setItem(phone, marie, { name: "Marie", groups: ["Friends"] });
  await stage.heard(phone, laptop);
  const before = await stage.kept("john");
  const long = "x".repeat(1024);
  const wrong = [
    { name: long },
    { name: "é".repeat(512) },
    { name: "M.", groups: ["Work", ""] },
    { name: "M.", groups: [long] },
    { name: "M.", groups: Array.from({ length: 101 }, (_, i) => `Group ${i}`) },
  ];
  for (const item of wrong) {
    for (const jid of [marie, `new@${host}`]) {
      const reply = await setItem(phone, jid, item);
      assert.equal(conditionOf(reply), "not-acceptable", JSON.stringify(item).slice(0, 80));
    }
  }
  const two = xml("query", { xmlns: rosterNs }, xml("item", { jid: marie }), xml("item", { jid: john }));
  assert.equal(conditionOf(await phone.iq("set", undefined, two)), "bad-request");
  assert.equal(conditionOf(await setItem(phone, john, {})), "not-allowed"); // oneself
  assert.equal(conditionOf(await setItem(phone, `nobody@${host}`, undefined)), "item-not-found");
  assert.deepEqual(await stage.heard(phone, laptop), [[], []]);
  assert.deepEqual(await stage.kept("john"), before);
  assert.equal(conditionOf(await setItem(phone, marie, { name: "M." })), undefined);
});
