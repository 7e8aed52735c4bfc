import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { setItem, sorted, startStage } from "./roster_rig.ts";
import { conditionOf } from "./xmpp_client.ts";

const hosts = ["example.org", "example.net"];
const [org, net] = hosts as [string, string];
const there = "ann@elsewhere.example";

onEachProsody("users of the same name on two hosts have rosters of their own", async (install) => {
  await using stage = await startStage(install, { hosts });
  for (const host of hosts) await stage.pair.account("john", host);
  const clients = [await stage.online("john", "phone", org), await stage.online("john", "phone", net)];
  await stage.heard(...clients);
  await stage.change("PUT", "/rosters/john/marie@example.org", { name: "Org" }, org);
  assert.deepEqual(await stage.heard(...clients), [[`push 1: marie@example.org both "Org"`], []]);
  await stage.change("PUT", "/rosters/john/marie@example.org", { name: "Net" }, net);
  const push = await clients[1]!.next((stanza) => stanza.is("iq"));
  assert.match(String(push), /name="Net"/);
  assert.deepEqual(await stage.heard(...clients), [[], []]);
  assert.equal(conditionOf(await setItem(clients[1]!, "only@example.net", { name: "Mine" })), undefined);
  assert.deepEqual(Object.keys((await stage.kept("john", org)).contacts), ["marie@example.org"]);
  assert.deepEqual(Object.keys((await stage.kept("john", net)).contacts).sort(), [
    "marie@example.org",
    "only@example.net",
  ]);
  for (const [i, host] of hosts.entries()) {
    assert.deepEqual(sorted(await clients[i]!.roster()), sorted((await stage.kept("john", host)).contacts));
  }
});

onEachProsody("a contact on the other host of this server sees presence come and go", async (install) => {
  await using stage = await startStage(install, { hosts });
  await stage.pair.account("john", org);
  await stage.pair.account("marie", net);
  const [one, other] = [await stage.online("john", "phone", org), await stage.online("marie", "phone", net)];
  await stage.heard(one, other);
  await stage.change("PUT", `/rosters/john/marie@${net}`, {}, org);
  assert.deepEqual(await stage.heard(one, other), [
    [`push 1: marie@${net} both`], // she has not said that he may see her
    [`available john@${org}/phone`],
  ]);
  await stage.change("PUT", `/rosters/marie/john@${org}`, { name: "John" }, net);
  await other.next((stanza) => stanza.is("iq"));
  assert.deepEqual(await stage.heard(one, other), [[`available marie@${net}/phone`], [
    `available john@${org}/phone`, // nobody knows that he sent it before
  ]]);
  await stage.change("DELETE", `/rosters/marie/john@${org}`, undefined, net);
  await other.next((stanza) => stanza.is("iq"));
  assert.deepEqual(await stage.heard(one, other), [[`unavailable marie@${net}/phone`], [
    `unavailable john@${org}/phone`,
  ]]);
});

onEachProsody("a contact elsewhere is asked, once, and left again", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john");
  const phone = await stage.online("john", "phone");
  await stage.heard(phone);
  const path = `/rosters/john/${there}`;
  const item = async () => (await stage.kept("john")).contacts[there];
  // There is no way to other servers here: each stanza that is sent to one comes back as an error.
  const sent = `error ${there} not-allowed`;

  await stage.change("PUT", path, { name: "Ann" });
  assert.deepEqual(await stage.heard(phone), [[sent, `push 1: ${there} none subscribe "Ann"`]]);
  const asked = { groups: [], subscription: "none", ask: "subscribe", approved: true };
  assert.deepEqual(await item(), { name: "Ann", ...asked });
  await stage.change("PUT", path, { name: "Ann" });
  await stage.change("PUT", path, { name: "Ann", ask: "subscribe", subscription: "none", approved: true });
  assert.deepEqual(await stage.heard(phone), [[]]);
  await stage.change("PATCH", path, { name: "A." });
  assert.deepEqual(await stage.heard(phone), [[`push 2: ${there} none subscribe "A."`]]);
  assert.deepEqual(await item(), { name: "A.", ...asked });
  await stage.change("DELETE", path);
  assert.deepEqual(await stage.heard(phone), [[sent, `push 3: ${there} remove`]]);
  await stage.change("PUT", path, { subscription: "from" }); // granted in advance: nobody is told yet
  assert.deepEqual(await stage.heard(phone), [[`push 4: ${there} none`]]);
  await phone.close();
  await stage.change("PUT", path, { subscription: "both" });
  await stage.dealtWith();
  assert.deepEqual(await item(), asked);
});
