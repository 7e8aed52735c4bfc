import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { pathInside } from "../setup/prosody.ts";
import { eventually, type Pair, refusalOf, startPair } from "./pair.ts";
import { conditionOf, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const host = "example.org";

/** One command of `couplet people`, as JSON. */
// deno-lint-ignore no-explicit-any -- each test knows what is in it
async function people(pair: Pair, verb: string, ...args: string[]): Promise<any> {
  const { code, stdout, stderr } = await pair.couplet.cli("people", verb, host, ...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

async function register(pair: Pair, token: string, name: string): Promise<void> {
  await using guest = await pair.guest(token);
  assert.equal(refusalOf(await guest.register(name, "a secret")), undefined);
}

/** The texts of messages from the host that have come and nobody took. */
const messages = async (client: XmppClient): Promise<string[]> =>
  (await client.rest()).filter((stanza: Element) => stanza.is("message") && stanza.attrs.from === host)
    .map((stanza) => {
      assert.equal(stanza.attrs.type, "chat");
      return stanza.getChildText("body") ?? "";
    });

const joined = (name: string) => `${name}@${host} has joined ${host} with your invite.`;

onEachProsody("an inviter is told once of who has joined, when online and when not", async (install) => {
  await using pair = await startPair(install, { modules: ["offline"] });
  await pair.account("alice");
  const alice = await pair.user("alice");
  await alice.sendPresence();
  const { token } = await pair.invite({ contact: "alice", register: true, max_uses: 3 });
  await register(pair, token, "bob");
  await eventually(async () => (await messages(alice)).includes(joined("bob")));
  assert.deepEqual(await messages(alice), []);
  await alice.close();

  await register(pair, token, "carol");
  await using back = await pair.user("alice");
  await back.sendPresence();
  const told: string[] = [];
  await eventually(async () => told.push(...await messages(back)) > 0);
  await using again = await pair.user("alice", "a secret", undefined, "again");
  await again.sendPresence();
  told.push(...await messages(back), ...await messages(again));
  assert.deepEqual(told, [joined("carol")]);
});

onEachProsody("who accepts a contact is told of, and a host may be silent", async (install) => {
  await using pair = await startPair(install);
  for (const name of ["alice", "bob"]) await pair.account(name);
  await using alice = await pair.user("alice");
  await alice.sendPresence();
  const { token } = await pair.invite({ contact: "alice" });
  await using bob = await pair.user("bob");
  await bob.sendPresence(
    { to: `alice@${host}`, type: "subscribe" },
    xml("preauth", { xmlns: "urn:xmpp:pars:0", token }),
  );
  const text = `bob@${host} has accepted your invite and is now among your contacts.`;
  await eventually(async () => (await messages(alice)).includes(text));

  await using silent = await startPair(install, { toml: "invites = { tell_inviter = false }" });
  await silent.account("alice");
  await using inviter = await silent.user("alice");
  await inviter.sendPresence();
  const invite = await silent.invite({ contact: "alice", register: true });
  await register(silent, invite.token, "bob");
  assert.equal((await silent.look(invite.token)).state, "used");
  assert.deepEqual(await messages(inviter), []);
});

onEachProsody(
  "what a frozen user invites to is refused as paused, and good again when thawed",
  async (install) => {
    await using pair = await startPair(install);
    await pair.account("alice");
    const { token } = await pair.invite({ contact: "alice", register: true });
    await using guest = await pair.guest(token);
    assert.equal((await people(pair, "freeze", "alice")).invites, 1);
    assert.match(refusalOf(await guest.register("bob", "a secret")) ?? "", /^not-allowed: .*paused/);
    await using late = await pair.stream();
    assert.equal(conditionOf(await late.preauth(token)), "forbidden");
    await people(pair, "thaw", "alice");
    assert.equal(refusalOf(await guest.register("bob", "a secret")), undefined);
  },
);

onEachProsody("a user's own invites have a quota, an admin's have none", async (install) => {
  const toml = "invites = { user_quota = 2 }";
  await using pair = await startPair(install, { toml, config: "allow_user_invites = true" });
  for (const name of ["alice", "admin"]) await pair.account(name);
  const node = "urn:xmpp:invite#invite";
  await using alice = await pair.user("alice");
  for (let i = 0; i < 2; i++) await alice.command(host, node);
  await assert.rejects(alice.command(host, node));
  await using admin = await pair.user("admin");
  for (let i = 0; i < 3; i++) await admin.command(host, node);
  assert.equal((await people(pair, "export", "alice")).held.invites.invites.length, 2);
});

onEachProsody(
  "whoever deletes an account, by the app or with prosodyctl, is gone from trees, uses and invites",
  async (install) => {
    await using pair = await startPair(install, { modules: ["user_account_management"] });
    await register(pair, (await pair.invite()).token, "alice");
    const ofAlice = await pair.invite({ contact: "alice", register: true, max_uses: 5 });
    await register(pair, ofAlice.token, "bob");
    const ofBob = await pair.invite({ contact: "bob", register: true, max_uses: 5 });
    await register(pair, ofBob.token, "carol");
    const names = async () =>
      JSON.stringify((await people(pair, "tree")).people).match(/"user":("\w+"|null)/g);
    assert.deepEqual(await names(), ['"user":"alice"', '"user":"bob"', '"user":"carol"']);

    const app = await pair.user("alice");
    const removed = await app.iq(
      "set",
      undefined,
      xml("query", { xmlns: "jabber:iq:register" }, xml("remove")),
    );
    assert.equal(conditionOf(removed), undefined);
    await eventually(async () => (await names())?.[0] === '"user":null');
    await eventually(async () => !await pair.canLogIn("alice"));
    const deleted = await pair.prosody.ctl("deluser", `bob@${host}`);
    assert.equal(deleted.code, 0, deleted.stdout + deleted.stderr);
    await eventually(async () => (await names())?.[1] === '"user":null');
    assert.deepEqual(await names(), ['"user":null', '"user":null', '"user":"carol"']);
    for (const { token } of [ofAlice, ofBob]) {
      const seen = await pair.look(token);
      assert.equal(seen.state, "revoked");
      assert.doesNotMatch(JSON.stringify(seen), /alice|bob/);
    }
    for (const name of ["alice", "bob"]) assert.deepEqual((await people(pair, "export", name)).held, {});
    assert.deepEqual(Object.keys((await people(pair, "export", "carol")).held), [
      "invites",
      "invite_tree",
      "roster",
    ]);

    await register(pair, (await pair.invite()).token, "alice");
    assert.equal((await names())?.at(-1), '"user":"alice"', "somebody else of that name");
  },
);

onEachProsody("a use that could not be counted at once is told of once, when it is", async (install) => {
  const folder = await Deno.makeTempDir({ dir: install.scratch, prefix: "couplet-hold-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const config = `test_hold = "${pathInside(install, folder)}"\ncouplet_pause = 1`;
  const pair = stack.use(await startPair(install, { modules: ["test_hold"], config }));
  await pair.account("alice");
  const alice = stack.use(await pair.user("alice"));
  await alice.sendPresence();
  const { token } = await pair.invite({ contact: "alice", register: true });
  const guest = stack.use(await pair.guest(token));
  const registered = guest.register("bob", "a secret");
  await eventually(() => Deno.stat(`${folder}/held`).then(() => true, () => false));
  await pair.couplet.kill();
  await Deno.writeTextFile(`${folder}/go`, "");
  assert.equal(refusalOf(await registered), undefined);
  await pair.couplet.restart();
  await pair.linkedAgain();
  const told: string[] = [];
  await eventually(async () => told.push(...await messages(alice)) > 0);
  assert.equal((await pair.look(token)).state, "used");
  await register(pair, (await pair.invite({ contact: "alice", register: true })).token, "carol");
  await eventually(async () => told.push(...await messages(alice)) > 0);
  assert.deepEqual(told, [joined("bob"), joined("carol")]);
});
