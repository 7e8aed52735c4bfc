import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { type Pair, startPair } from "./pair.ts";
import { conditionOf, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const isPresence = (type: string, from: string) => (stanza: Element) =>
  stanza.is("presence") && stanza.attrs.type === type && String(stanza.attrs.from).split("/")[0] === from;

/** Asks for a subscription and shows the token (XEP-0379). */
const subscribe = (client: XmppClient, to: string, token: string) =>
  client.sendPresence({ to, type: "subscribe" }, xml("preauth", { xmlns: "urn:xmpp:pars:0", token }));

/** What one has of another in the roster: the subscription, and whether one waits for an answer. */
async function contact(client: XmppClient, jid: string): Promise<string | undefined> {
  const item = (await client.roster())[jid];
  return item && (item.ask === undefined ? item.subscription : `${item.subscription}, asked`);
}

/** Alice, available, and others who exist and are logged in. */
async function people(pair: Pair, stack: AsyncDisposableStack, ...names: string[]): Promise<XmppClient[]> {
  return await Promise.all(["alice", ...names].map(async (name) => {
    await pair.account(name);
    const client = stack.use(await pair.user(name));
    await client.sendPresence();
    await client.roster(); // answered after the presence has been dealt with, and asked to be told of changes
    return client;
  }));
}

/** This user is accepted without anybody's doing, then accepts alice: both see each other. */
async function befriends(alice: XmppClient, client: XmppClient, token: string): Promise<void> {
  const jid = client.jid?.split("/")[0] ?? "";
  await subscribe(client, "alice@example.org", token);
  await client.next(isPresence("subscribed", "alice@example.org"));
  await client.next(isPresence("subscribe", "alice@example.org"));
  await client.sendPresence({ to: "alice@example.org", type: "subscribed" });
  await alice.next(isPresence("subscribed", jid));
  assert.equal(await contact(client, "alice@example.org"), "both");
  assert.equal(await contact(alice, jid), "both");
}

/** This user's request reaches alice as any other would: she is asked, and nothing is granted. */
async function mustAsk(alice: XmppClient, client: XmppClient, token: string): Promise<void> {
  const jid = client.jid?.split("/")[0] ?? "";
  await subscribe(client, "alice@example.org", token);
  await alice.next(isPresence("subscribe", jid));
  assert.equal(await contact(client, "alice@example.org"), "none, asked");
  assert.equal(await contact(alice, jid), undefined);
}

onEachProsody(
  "who registers with a contact invite and the inviter are in each other's roster",
  async (install) => {
    await using pair = await startPair(install);
    await using stack = new AsyncDisposableStack();
    const [alice] = await people(pair, stack) as [XmppClient];
    const { token, uri } = await pair.invite({ contact: "alice", register: true });
    assert.equal(uri, `xmpp:alice@example.org?roster;preauth=${token};ibr=y`);
    await using bob = await pair.guest(token);
    assert.equal(conditionOf(await bob.register("bob", "a secret")), undefined);
    assert.equal(conditionOf(await bob.login("bob", "a secret")), undefined);
    assert.equal(await contact(bob, "alice@example.org"), "both");
    assert.equal(await contact(alice, "bob@example.org"), "both");
    const { state, redeemed_by } = await pair.look(token);
    assert.deepEqual([state, redeemed_by?.map(({ jid }) => jid)], ["used", ["bob@example.org"]]);

    await pair.account("carol");
    await using carol = await pair.user("carol");
    await mustAsk(alice, carol, token);
  },
);

onEachProsody("an inviter who is not there finds the new contact on coming back", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  const there = await pair.user("alice"); // her roster has been loaded, and Prosody keeps it a while
  await there.close();
  const { token } = await pair.invite({ contact: "alice", register: true });
  await using bob = await pair.guest(token);
  assert.equal(conditionOf(await bob.register("bob", "a secret")), undefined);
  assert.equal(conditionOf(await bob.login("bob", "a secret")), undefined);
  assert.equal(await contact(bob, "alice@example.org"), "both");
  await using alice = await pair.user("alice");
  assert.equal(await contact(alice, "bob@example.org"), "both");
});

onEachProsody(
  "a contact invite that may register befriends an account that is there already",
  async (install) => {
    await using pair = await startPair(install);
    await using stack = new AsyncDisposableStack();
    const [alice, bob] = await people(pair, stack, "bob") as [XmppClient, XmppClient];
    const { token } = await pair.invite({ contact: "alice", register: true });
    await befriends(alice, bob, token);
    const { state, redeemed_by } = await pair.look(token);
    assert.deepEqual([state, redeemed_by?.map(({ jid }) => jid)], ["used", ["bob@example.org"]]);
    await using guest = await pair.stream();
    assert.equal(conditionOf(await guest.preauth(token)), "forbidden");
  },
);

onEachProsody("a contact invite is good for one user; the next one has to ask", async (install) => {
  await using pair = await startPair(install);
  await using stack = new AsyncDisposableStack();
  const [alice, bob, eve] = await people(pair, stack, "bob", "eve") as [XmppClient, XmppClient, XmppClient];
  const { token } = await pair.invite({ contact: "alice" });
  await mustAsk(alice, eve, "a-token-that-nobody-made");
  await befriends(alice, bob, token);
  const { state, uses, redeemed_by } = await pair.look(token);
  assert.deepEqual([state, uses, redeemed_by?.map(({ jid }) => jid)], ["used", 1, ["bob@example.org"]]);
  await pair.account("frank");
  await using frank = await pair.user("frank");
  await mustAsk(alice, frank, token);
  assert.equal((await pair.look(token)).uses, 1);
});

onEachProsody("a contact invite of one user gives no way to another", async (install) => {
  await using pair = await startPair(install);
  await using stack = new AsyncDisposableStack();
  const [alice, bob] = await people(pair, stack, "bob", "carol") as [XmppClient, XmppClient];
  const { token } = await pair.invite({ contact: "carol" });
  await mustAsk(alice, bob, token);
  assert.equal((await pair.look(token)).uses, 0);
});

onEachProsody("a contact invite of two uses is good for exactly two", async (install) => {
  await using pair = await startPair(install);
  await using stack = new AsyncDisposableStack();
  const [alice, bob, carol, dave] = await people(pair, stack, "bob", "carol", "dave") as [
    XmppClient,
    XmppClient,
    XmppClient,
    XmppClient,
  ];
  const { token } = await pair.invite({ contact: "alice", max_uses: 2 });
  await befriends(alice, bob, token);
  assert.deepEqual([(await pair.look(token)).state, (await pair.look(token)).uses], ["pending", 1]);
  await subscribe(bob, "alice@example.org", token); // who has it already does not use it up
  await befriends(alice, carol, token);
  const { state, uses, redeemed_by } = await pair.look(token);
  assert.deepEqual([state, uses, redeemed_by?.map(({ jid }) => jid)], [
    "used",
    2,
    ["bob@example.org", "carol@example.org"],
  ]);
  await mustAsk(alice, dave, token);
});

onEachProsody(
  "of two who register with a contact invite of two uses both are contacts, and no third",
  async (install) => {
    await using pair = await startPair(install);
    await using stack = new AsyncDisposableStack();
    const [alice] = await people(pair, stack) as [XmppClient];
    const { token } = await pair.invite({ contact: "alice", register: true, max_uses: 2 });
    await using third = await pair.guest(token);
    for (const name of ["bob", "carol"]) {
      await using guest = await pair.guest(token);
      assert.equal(conditionOf(await guest.register(name, "a secret")), undefined);
      assert.equal(conditionOf(await guest.login(name, "a secret")), undefined);
      assert.equal(await contact(guest, "alice@example.org"), "both");
      assert.equal(await contact(alice, `${name}@example.org`), "both");
    }
    assert.equal(conditionOf(await third.register("dave", "a secret")), "gone");
    assert.equal((await pair.look(token)).state, "used");
  },
);

onEachProsody("an invite to be a contact alone registers no account, whoever made it", async (install) => {
  await using pair = await startPair(install);
  await using stack = new AsyncDisposableStack();
  const [alice, bob, carol] = await people(pair, stack, "bob", "carol") as [
    XmppClient,
    XmppClient,
    XmppClient,
  ];
  const byCommand = await alice.command("example.org", "urn:xmpp:invite#invite");
  const byShell = install.series === "0.12"
    ? await pair.prosody.ctl("shell", 'invite:create_contact("alice@example.org")')
    : await pair.prosody.ctl("shell", "invite", "create_contact", "alice@example.org");
  const tokens = [
    (await pair.invite({ contact: "alice" })).token,
    /preauth=([\w-]+)/.exec(byCommand.uri ?? "")?.[1] ?? "",
    /(?:preauth=|\/invite\/)([\w-]+)/.exec(byShell.stdout)?.[1] ?? byShell.stdout + byShell.stderr,
  ];
  for (const token of tokens) {
    assert.equal((await pair.look(token)).type, "contact");
    await using guest = await pair.stream();
    assert.equal(conditionOf(await guest.preauth(token)), "forbidden");
    assert.equal(conditionOf(await guest.register("eve", "a secret")), "not-acceptable");
  }
  assert.equal(await pair.canLogIn("eve"), false);
  await befriends(alice, bob, tokens[1] ?? "");
  await befriends(alice, carol, tokens[2] ?? "");
});
