import assert from "node:assert/strict";
import { formOf } from "./data_form.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually, type Pair, startPair } from "./pair.ts";
import { conditionOf, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const host = "example.org";
const commandsNs = "http://jabber.org/protocol/commands";
const byUser = "urn:xmpp:invite#invite";
const byAdmin = "urn:xmpp:invite#create-account";
const forReset = "urn:couplet:invite#password-reset";
const open = "invites = { allow_user_invites = true }";

/** One step of a command; the answer's command, or the whole refusal. */
async function step(client: XmppClient, attrs: Record<string, string>, ...children: Element[]) {
  const command = xml("command", { xmlns: commandsNs, node: byAdmin, ...attrs }, ...children);
  const reply = await client.iq("set", host, command);
  return reply.getChild("error") ? reply : reply.getChild("command", commandsNs) ?? reply;
}

const names = (command: Element) =>
  command.getChild("x", "jabber:x:data")?.getChildren("field").map(({ attrs }) => attrs.var) ?? [];
const value = (command: Element, name: string) =>
  command.getChild("x", "jabber:x:data")?.getChildren("field").find(({ attrs }) => attrs.var === name)
    ?.getChildText("value") ?? undefined;
const specific = (reply: Element) =>
  reply.getChild("error")?.getChildElements().find((child) => child.getNS() === commandsNs)?.getName();
const token = (command: Element) => /preauth=([\w-]+)/.exec(value(command, "uri") ?? "")?.[1] ?? "";

async function listed(client: XmppClient): Promise<string[]> {
  const query = xml("query", { xmlns: "http://jabber.org/protocol/disco#items", node: commandsNs });
  const reply = await client.iq("get", host, query);
  return reply.getChild("query")?.getChildren("item").map(({ attrs }) => attrs.node as string) ?? [];
}

async function isShown(client: XmppClient, node: string): Promise<boolean> {
  const info = "http://jabber.org/protocol/disco#info";
  const reply = await client.iq("get", host, xml("query", { xmlns: info, node }));
  const query = reply.getChild("query", info);
  if (!query) return false;
  assert.equal(query.getChild("identity")?.attrs.type, "command-node");
  assert.equal(query.getChildren("identity").length, 1);
  return query.getChildren("feature").some(({ attrs }) => attrs.var === "jabber:x:data");
}

async function count(pair: Pair): Promise<number> {
  const { invites } = await (await pair.api("GET", "?limit=200")).json();
  return invites.length;
}

const without = { hostConfig: { [host]: 'modules_disabled = { "invites_adhoc"; "s2s"; "tls" }' } };
for (
  const [where, options] of [["beside mod_invites_adhoc", {}], [
    "without mod_invites_adhoc",
    without,
  ]] as const
) {
  onEachProsody(`${where}, each sees and runs the commands that are for them, once`, async (install) => {
    await using pair = await startPair(install, options);
    await pair.account("admin");
    await pair.account("alice");
    await using admin = await pair.user("admin");
    await using alice = await pair.user("alice");
    const ours = new Set([byUser, byAdmin, forReset, "xmpp:prosody.im/mod_invites_adhoc#password-reset"]);
    const seen = async (client: XmppClient) => (await listed(client)).filter((node) => ours.has(node)).sort();
    assert.deepEqual(await seen(admin), [forReset, byAdmin, byUser].sort());
    assert.deepEqual(await seen(alice), [byUser]);
    for (const node of [byUser, byAdmin, forReset]) {
      assert.equal(await isShown(admin, node), true, node);
      assert.equal(await isShown(alice, node), node === byUser, node);
    }
    await step(admin, { action: "execute" });
    if (where.startsWith("beside")) {
      await pair.prosody.ctl("shell", `module:reload("invites_adhoc", "${host}")`);
      await pair.prosody.ctl("shell", `module:reload("adhoc", "${host}")`);
    }
    // What depends on mod_adhoc is loaded anew with it, and links again.
    await eventually(async () => {
      const form = await step(admin, { action: "execute" });
      return form.attrs.status === "executing";
    });
    assert.deepEqual(await seen(alice), [byUser]);
    assert.equal(conditionOf(await step(alice, { action: "execute" })), "forbidden");
    assert.equal(conditionOf(await step(alice, { action: "complete" }, formOf({}))), "forbidden");
    assert.equal(await count(pair), 0);
  });
}

onEachProsody(
  "a user fills in XEP-0401's form, and who registers with the link is in their roster at once",
  async (install) => {
    await using pair = await startPair(install, { toml: open });
    await pair.account("alice");
    await using alice = await pair.user("alice");
    await alice.roster();
    await alice.sendPresence();
    const form = await step(alice, { action: "execute" });
    const { status, sessionid } = form.attrs as Record<string, string>;
    assert.equal(status, "executing");
    assert.equal(form.getChild("actions")?.attrs.execute, "complete");
    assert.ok(form.getChild("actions")?.getChild("complete"));
    assert.deepEqual(names(form).slice(0, 3), ["FORM_TYPE", "username", "roster-subscription"]);
    const again = await step(
      alice,
      { sessionid: sessionid!, action: "complete" },
      formOf({ username: "alice", "roster-subscription": "1" }),
    );
    assert.deepEqual([again.attrs.status, again.attrs.sessionid], ["executing", sessionid]);
    assert.equal(again.getChild("note")?.attrs.type, "error");
    assert.match(again.getChildText("note") ?? "", /taken/);
    const done = await step(
      alice,
      { sessionid: sessionid! },
      formOf({ username: "bob", "roster-subscription": "1" }),
    );
    assert.deepEqual([done.attrs.status, value(done, "FORM_TYPE")], [
      "completed",
      "urn:xmpp:invite#invitation",
    ]);
    assert.match(value(done, "uri") ?? "", /^xmpp:bob@example\.org\?register;preauth=/);
    const other = await pair.invite();
    await using thief = await pair.guest(other.token);
    assert.equal(conditionOf(await thief.register("bob", "a secret")), "conflict");
    await using guest = await pair.guest(token(done));
    assert.equal(conditionOf(await guest.register("eve", "a secret")), "not-allowed");
    assert.equal(conditionOf(await guest.register("bob", "a secret")), undefined);
    const push = await alice.next((stanza) => String(stanza).includes("bob@example.org") && stanza.is("iq"));
    const item = push.getChild("query", "jabber:iq:roster")?.getChild("item");
    assert.deepEqual([item?.attrs.jid, item?.attrs.subscription], ["bob@example.org", "both"]);
    await using bob = await pair.user("bob");
    assert.equal((await bob.roster())["alice@example.org"]?.subscription, "both");
    assert.equal((await pair.look(token(done))).state, "used");
  },
);

onEachProsody(
  "what is cancelled, stepped back from, forged or garbled makes no invite and harms nobody",
  async (install) => {
    await using pair = await startPair(install, { toml: open });
    for (const name of ["alice", "eve"]) await pair.account(name);
    await using alice = await pair.user("alice");
    await using eve = await pair.user("eve");
    const begin = async () => (await step(alice, { action: "execute" })).attrs.sessionid as string;
    const session = await begin();
    assert.equal((await step(alice, { node: byUser, action: "cancel" })).attrs.status, "canceled");
    assert.equal((await step(alice, { sessionid: session, action: "cancel" })).attrs.status, "canceled");
    const sessionid = await begin();
    const forged: [XmppClient, Record<string, string>, string][] = [
      [alice, { sessionid: "<'\"&\n>" }, "bad-sessionid"],
      [eve, { sessionid }, "bad-sessionid"],
      [alice, { sessionid, action: "prev" }, "bad-action"],
      [alice, { sessionid, action: "next" }, "bad-action"],
      [alice, { sessionid, action: "explode" }, "malformed-action"],
    ];
    for (const [client, attrs, condition] of forged) {
      const reply = await step(client, attrs, formOf({ username: "bob" }));
      assert.deepEqual([conditionOf(reply), specific(reply)], ["bad-request", condition]);
    }
    const over = await step(alice, { sessionid: session }, formOf({ username: "bob" }));
    assert.deepEqual([conditionOf(over), specific(over)], ["not-allowed", "session-expired"]);
    let deep = xml("value", {}, "x");
    for (let i = 0; i < 90; i++) deep = xml("value", {}, deep);
    const odd = [
      xml("x", { xmlns: "jabber:x:data", type: "submit" }, xml("field", { var: "username" }, deep)),
      xml("x", { xmlns: "jabber:x:data", type: "submit" }, xml("field", {}), xml("odd", { xmlns: "a:b" })),
      formOf({ username: "x".repeat(20_000), note: "\n\r\t", "roster-subscription": "perhaps" }),
      xml(
        "x",
        { xmlns: "jabber:x:data", type: "submit" },
        ...Array.from({ length: 500 }, (_, i) => xml("field", { var: `f${i}` }, xml("value", {}, "x"))),
        xml("field", { var: "roster-subscription" }, xml("value", {}, "perhaps")),
      ),
    ];
    const before = await count(pair);
    for (const form of odd) {
      const { status } = (await step(alice, { sessionid: await begin() }, form)).attrs;
      assert.ok(status === "completed" || status === "executing", status);
    }
    assert.ok(await count(pair) - before <= odd.length);
    assert.equal(pair.prosody.log().split("The link to Couplet is gone").length, 1);
    assert.equal(pair.prosody.log().split("Couplet does not answer").length, 1);
  },
);

onEachProsody("an admin of one host is nobody on another", async (install) => {
  const hosts = [host, "example.net"];
  const hostConfig = Object.fromEntries(hosts.map((name) => [name, `admins = { "boss@${name}" }`]));
  await using pair = await startPair(install, { hosts, hostConfig, toml: open });
  for (const name of hosts) await pair.account("boss", name);
  await using ours = await pair.user("boss");
  await using theirs = await pair.user("boss", undefined, "example.net");
  assert.equal((await step(ours, { action: "execute" })).attrs.status, "executing");
  assert.ok((await listed(ours)).includes(forReset));
  const reset = formOf({ accountjid: `boss@${host}` });
  assert.equal(conditionOf(await step(theirs, { node: forReset, action: "execute" }, reset)), "forbidden");
  for (const node of [byUser, byAdmin]) {
    assert.equal(conditionOf(await step(theirs, { node, action: "execute" })), "forbidden");
  }
  assert.deepEqual((await listed(theirs)).filter((node) => node.includes("invite")), []);
  assert.equal(await count(pair), 0);
});

onEachProsody("where nobody redeems invites, no command makes one", async (install) => {
  const off = 'modules_disabled = { "invites"; "invites_register"; "invites_adhoc"; "s2s"; "tls" }';
  await using pair = await startPair(install, { hostConfig: { [host]: off } });
  await pair.account("admin");
  await using admin = await pair.user("admin");
  assert.deepEqual((await listed(admin)).filter((node) => node.includes("invite")), []);
  for (const node of [byUser, byAdmin, forReset]) {
    assert.equal(conditionOf(await step(admin, { node, action: "execute" })), "service-unavailable");
    assert.equal(await isShown(admin, node), false);
  }
});
