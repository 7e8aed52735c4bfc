import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { type Pair, startPair } from "./pair.ts";
import { conditionOf, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const alices = "alice@example.org";
const preauth = (token: string) => xml("preauth", { xmlns: "urn:xmpp:pars:0", token });
const isPresence = (type: string, from: string) => (stanza: Element) =>
  stanza.is("presence") && stanza.attrs.type === type && String(stanza.attrs.from).split("/")[0] === from;

/** An account that is logged in, available, and told of changes to its roster. */
async function there(pair: Pair, name: string): Promise<XmppClient> {
  await pair.account(name);
  const client = await pair.user(name);
  await client.sendPresence();
  await client.roster();
  return client;
}

/** `/register_api`, as a web page calls it. */
const onTheWeb = (pair: Pair, token: string, username: string) =>
  fetch(`${pair.couplet.url}/register_api/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, username, password: "a long secret" }),
  });

onEachProsody("a second token in a subscription opens nothing that the first does not", async (install) => {
  await using pair = await startPair(install);
  await using alice = await there(pair, "alice");
  await using eve = await there(pair, "eve");
  const { token } = await pair.invite({ contact: "alice", for: "bob@example.org" });
  await eve.sendPresence({ to: alices, type: "subscribe" }, preauth("nobody-made-this-one"), preauth(token));
  const asked = await alice.next(isPresence("subscribe", "eve@example.org"));
  assert.deepEqual(asked.getChildren("preauth"), [], "a token that is of no use is not handed on");
  assert.equal((await alice.roster())["eve@example.org"], undefined);
  const { state, uses } = await pair.look(token);
  assert.deepEqual([state, uses], ["pending", 0]);
});

onEachProsody("a command that is too long is refused, and the link stays", async (install) => {
  await using pair = await startPair(install);
  await using eve = await there(pair, "eve");
  // A quote is one byte here, and six in the attribute that goes on.
  const fields = `<field var="${"'".repeat(4_000)}"/>`.repeat(50);
  const text = `<iq type="set" id="long" to="example.org"><command node="urn:xmpp:invite#invite" ` +
    `xmlns="http://jabber.org/protocol/commands"><x xmlns="jabber:x:data" type="submit">${fields}</x></command></iq>`;
  await eve.send({ toString: () => text } as Element);
  const reply = await eve.next((stanza) => stanza.is("iq") && stanza.attrs.id === "long");
  assert.equal(conditionOf(reply), "bad-request");
  assert.doesNotMatch(pair.prosody.log(), /link to Couplet is gone/);
});

onEachProsody("of all ways at once one uses an invite that is good for one", async (install) => {
  await using pair = await startPair(install);
  await using alice = await there(pair, "alice");
  await using bob = await there(pair, "bob");
  const { token } = await pair.invite({ contact: "alice", register: true });
  await using first = await pair.guest(token);
  await using second = await pair.guest(token);
  const web = ["web1", "web2", "web3"];
  const answers = await Promise.all([
    ...web.map(async (name) => (await onTheWeb(pair, token, name)).status === 200 ? name : undefined),
    first.register("ibr1", "a long secret").then((iq) => conditionOf(iq) === undefined ? "ibr1" : undefined),
    second.register("ibr2", "a long secret").then((iq) => conditionOf(iq) === undefined ? "ibr2" : undefined),
    bob.sendPresence({ to: alices, type: "subscribe" }, preauth(token)).then(() => undefined),
  ]);
  await bob.roster(); // answered after the subscription was dealt with
  const done = answers.filter((name) => name !== undefined).map((name) => `${name}@example.org`);
  const contacts = Object.entries(await alice.roster())
    .filter(([, { subscription }]) => subscription !== "none").map(([jid]) => jid);
  assert.equal(contacts.length, 1, `${contacts}`);
  if (contacts[0] !== "bob@example.org") assert.deepEqual(contacts, done);
  else assert.deepEqual(done, []);
  const { state, uses, redeemed_by } = await pair.look(token);
  assert.deepEqual([state, uses, redeemed_by?.map(({ jid }) => jid)], ["used", 1, contacts]);
  for (const name of [...web, "ibr1", "ibr2"]) {
    assert.equal(await pair.canLogIn(name, "a long secret"), done.includes(`${name}@example.org`), name);
  }
});

onEachProsody("one name from many invites is one account, and the others stay good", async (install) => {
  await using pair = await startPair(install);
  const invites = await Promise.all(Array.from({ length: 4 }, () => pair.invite()));
  const [one, two, ...rest] = invites.map(({ token }) => token) as [string, string, ...string[]];
  await using first = await pair.guest(one);
  await using second = await pair.guest(two);
  const done = await Promise.all([
    first.register("carol", "a long secret").then((iq) => conditionOf(iq) === undefined),
    second.register("CAROL", "a long secret").then((iq) => conditionOf(iq) === undefined),
    ...rest.map(async (token) => (await onTheWeb(pair, token, "Carol")).status === 200),
  ]);
  assert.equal(done.filter(Boolean).length, 1, `${done}`);
  const states = await Promise.all(invites.map(async ({ token }) => (await pair.look(token)).state));
  assert.deepEqual(states, done.map((it) => it ? "used" : "pending"));
});

onEachProsody(
  "a reset beside the account's end makes no account, and one of another host's user none",
  async (install) => {
    await using pair = await startPair(install, { hosts: ["example.org", "example.net"] });
    await pair.account("dave");
    await pair.account("dave", "example.net");
    const { token } = await pair.invite({ reset: "dave" });
    const elsewhere = await pair.stream("example.net");
    assert.equal(conditionOf(await elsewhere.preauth(token)), "forbidden");
    await elsewhere.close();
    await using dave = await pair.user("dave");
    await Promise.all([
      onTheWeb(pair, token, "dave"),
      dave.iq("set", undefined, xml("query", { xmlns: "jabber:iq:register" }, xml("remove"))).catch(() => {}),
    ]);
    assert.equal(await pair.canLogIn("dave", "a long secret"), false);
    assert.equal(await pair.canLogIn("dave", "a secret", "example.net"), true);
    const late = await onTheWeb(pair, token, "dave");
    assert.equal(late.status, 404);
    assert.equal(await pair.canLogIn("dave", "a long secret"), false);
  },
);

onEachProsody("no log says a password, whatever becomes of it, nor the daemon's a token", async (install) => {
  await using pair = await startPair(install, {
    modules: ["test_registrar"],
    logLevel: "debug",
    env: { COUPLET_LOG_LEVEL: "debug" },
  });
  await pair.account("dave");
  const [one, two] = [await pair.invite(), await pair.invite({ reset: "dave" })];
  const statuses = [];
  for (const name of ["refused", "crash", "a b", "dave", "erin"]) {
    statuses.push((await onTheWeb(pair, one.token, name)).status);
  }
  statuses.push(
    (await onTheWeb(pair, two.token, "dave")).status,
    (await onTheWeb(pair, two.token, "x")).status,
  );
  assert.deepEqual(statuses, [403, 503, 400, 409, 200, 200, 404]);
  for (const log of [pair.prosody.log(), pair.couplet.log()]) {
    assert.ok(log.length > 200);
    assert.doesNotMatch(log, /a long secret/);
  }
  for (const { token } of [one, two]) assert.ok(!pair.couplet.log().includes(token));
});
