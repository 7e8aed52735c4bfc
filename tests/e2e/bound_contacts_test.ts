import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { startPair } from "./pair.ts";
import { startTwoServers, there } from "./remote_rig.ts";
import { host } from "./roster_rig.ts";
import { conditionOf, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const john = `john@${host}`;
const isOf = (type: string, from: string) => (stanza: Element) =>
  stanza.is("presence") && stanza.attrs.type === type && String(stanza.attrs.from).split("/")[0] === from;
const asks = (client: XmppClient, token: string) =>
  client.sendPresence({ to: john, type: "subscribe" }, xml("preauth", { xmlns: "urn:xmpp:pars:0", token }));
const bare = ({ jid }: XmppClient) => jid?.split("/")[0] ?? "";
const state = async (client: XmppClient, jid: string) => {
  const item = (await client.roster())[jid];
  return item && [item.subscription, item.ask].filter((word) => word).join(" ");
};

/** John is asked, as by anybody; nothing of the invite is used, and his answer counts. */
async function isStranger(near: XmppClient, far: XmppClient, token: string): Promise<void> {
  await asks(far, token);
  const request = await near.next(isOf("subscribe", bare(far)));
  assert.equal(request.getChild("preauth"), undefined, "a token that is of no use is not handed on");
  assert.equal(await state(near, bare(far)), undefined);
  await near.sendPresence({ to: bare(far), type: "unsubscribed" });
  await far.next(isOf("unsubscribed", john));
}

/** Far is let in without anybody's doing, and John's request is there to be answered. */
async function isWelcome(near: XmppClient, far: XmppClient, token: string): Promise<void> {
  await asks(far, token);
  await far.next(isOf("subscribed", john));
  await far.next(isOf("subscribe", john));
  await far.sendPresence({ to: john, type: "subscribed" });
  await near.next(isOf("subscribed", bare(far)));
  assert.equal(await state(near, bare(far)), "both");
  assert.equal(await state(far, john), "both");
}

onEachProsody("a contact invite for one of another server is nobody else's", async (install) => {
  await using two = await startTwoServers(install);
  await two.stage.accounts("john", "carol");
  const [near, carol] = [await two.ours("john"), await two.ours("carol")];
  const [ann, eve] = [await two.theirs("ann"), await two.theirs("eve")];
  const { pair } = two.stage;
  const { token } = await pair.invite({ contact: "john", for: `Ann@${there}` });
  await isStranger(near, eve, token);
  await isStranger(near, carol, token);
  assert.equal((await pair.look(token)).uses, 0);
  await isWelcome(near, ann, token);
  const { state: after, uses, redeemed_by } = await pair.look(token);
  assert.deepEqual([after, uses, redeemed_by?.map(({ jid }) => jid)], ["used", 1, [`ann@${there}`]]);
});

onEachProsody(
  "a contact invite for a domain is for all of its users, and for nobody of ours",
  async (install) => {
    await using two = await startTwoServers(install);
    await two.stage.accounts("john", "carol");
    const [near, carol] = [await two.ours("john"), await two.ours("carol")];
    const { pair } = two.stage;
    const { token } = await pair.invite({ contact: "john", for: there, max_uses: null, ttl: "never" });
    await isStranger(near, carol, token);
    for (const name of ["ann", "eve"]) await isWelcome(near, await two.theirs(name), token);
    const { state: after, uses, redeemed_by } = await pair.look(token);
    assert.deepEqual([after, uses, redeemed_by?.map(({ jid }) => jid)], [
      "pending",
      2,
      [`ann@${there}`, `eve@${there}`],
    ]);
  },
);

onEachProsody(
  "a contact invite for this host makes its users contacts, and new accounts too",
  async (install) => {
    await using pair = await startPair(install);
    for (const name of ["john", "bob"]) await pair.account(name);
    await using near = await pair.user("john");
    await using bob = await pair.user("bob");
    for (const client of [near, bob]) {
      await client.roster();
      await client.sendPresence();
    }
    const { token } = await pair.invite({ contact: "john", for: host, register: true, max_uses: 3 });
    await isWelcome(near, bob, token);
    await using guest = await pair.guest(token);
    assert.equal(conditionOf(await guest.register("carol", "a secret")), undefined);
    assert.equal(await state(near, `carol@${host}`), "both");
    assert.equal((await pair.look(token)).uses, 2);

    const paused = await pair.invite({ contact: "john" });
    assert.equal((await pair.api("PATCH", `/${paused.id}`, { paused: true })).status, 200);
    await pair.account("dave");
    await using dave = await pair.user("dave");
    await dave.roster();
    await dave.sendPresence();
    await isStranger(near, dave, paused.token);
  },
);
