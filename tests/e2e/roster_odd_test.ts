import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { dial } from "./peer.ts";
import { host, rosterNs, startStage } from "./roster_rig.ts";
import { conditionOf, xml } from "./xmpp_client.ts";

onEachProsody("odd names and groups are the same at once and at the next login", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john");
  const contacts = [
    {
      jid: `a@${host}`,
      name: " Bob \t\u0085 Builder ",
      groups: [" ", "\u2029x", "a\tb", "__array", "__hash"],
    },
    { jid: "__array", name: "n", groups: ["g"] },
    { jid: "__hash.example", name: "\u2028", groups: [] },
    { jid: "john@[::1]", name: "At home", groups: [] },
  ];
  const set = ({ jid, name, groups }: typeof contacts[number]) =>
    xml(
      "query",
      { xmlns: rosterNs },
      xml("item", { jid, name }, ...groups.map((group) => xml("group", {}, group))),
    );
  let before;
  {
    await using john = await stage.pair.user("john");
    for (const contact of contacts) {
      assert.equal(conditionOf(await john.iq("set", undefined, set(contact))), undefined, contact.jid);
    }
    before = await john.roster();
  }
  assert.equal(Object.keys(before).length, contacts.length);
  assert.deepEqual(before[`a@${host}`]?.groups.toSorted(), [" ", "__array", "__hash", "a b", "\u2029x"]);
  assert.equal(before[`a@${host}`]?.name, " Bob    Builder "); // an attribute has no tabs (XML 1.0, 3.3.3)
  const { version, contacts: kept } = await stage.kept("john");
  assert.deepEqual(Object.keys(kept).sort(), Object.keys(before).sort());
  assert.deepEqual(await stage.change("PUT", "/rosters/john", kept), {
    ...{ user: "john", version: Number(version), added: [], changed: [], removed: [] },
  });
  await using again = await stage.pair.user("john");
  const sorted = (roster: typeof before) =>
    Object.entries(roster).map(([jid, item]) => [jid, { ...item, groups: item.groups.toSorted() }]).sort();
  assert.deepEqual(sorted(await again.roster()), sorted(before));
});

onEachProsody("a request that is no stanza keeps nobody from logging in", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john");
  using peer = await dial(stage.pair.couplet.socket);
  const ns = "xmlns='urn:couplet:control:1'";
  await peer.send(`<hello ${ns} role='lookup' host='${host}' server='a test'/>\n`);
  await peer.line();
  const delta = JSON.stringify({
    items: [],
    pending: { "eve@example.net": "<1a/>", "bob@example.net": true },
  });
  const text = delta.replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  await peer.send(
    `<iq type='set' id='1' to='john@${host}'><roster ${ns} version='7'>${text}</roster></iq>\n`,
  );
  assert.match(await peer.line() ?? "", /type="result"/);
  await using john = await stage.pair.user("john");
  await john.sendPresence();
  const asking = new Set<string>();
  for (let i = 0; i < 2; i++) {
    asking.add(String((await john.next(({ attrs }) => attrs.type === "subscribe")).attrs.from));
  }
  assert.deepEqual([...asking].sort(), ["bob@example.net", "eve@example.net"]);
});

onEachProsody("when three hundred wait for an answer, the next who asks is declined", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john", "eve", "bob");
  using peer = await dial(stage.pair.couplet.socket);
  const ns = "xmlns='urn:couplet:control:1'";
  await peer.send(`<hello ${ns} role='lookup' host='${host}' server='a test'/>\n`);
  await peer.line();
  const names = ["bob@example.org", ...Array.from({ length: 299 }, (_, i) => `u${i}@example.net`)];
  const text = JSON.stringify({ items: [], pending: Object.fromEntries(names.map((name) => [name, true])) })
    .replaceAll('"', "&quot;");
  await peer.send(
    `<iq type='set' id='1' to='john@${host}'><roster ${ns} version='7'>${text}</roster></iq>\n`,
  );
  assert.match(await peer.line() ?? "", /type="result"/);
  const eve = await stage.online("eve");
  await eve.sendPresence({ to: `john@${host}`, type: "subscribe" });
  await eve.next(({ attrs }) => attrs.type === "unsubscribed" && attrs.from === `john@${host}`);
  assert.equal((await stage.kept("john")).contacts[`eve@${host}`], undefined);
  // Who may see john already has nothing to wait for, and stays a contact.
  await stage.change("POST", "/roster_pairs", { add: [{ users: ["john", "eve"] }] });
  await stage.dealtWith();
  await eve.sendPresence({ to: `john@${host}`, type: "subscribe" });
  await eve.next(({ attrs }) => attrs.type === "unavailable" && attrs.from === `john@${host}`);
  assert.equal((await eve.roster())[`john@${host}`]?.subscription, "both");
});
