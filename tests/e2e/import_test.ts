import assert from "node:assert/strict";
import { readRosters } from "../../src/prosody/stored_rosters.ts";
import { findProsodies, pathInside, type ProsodyInstall } from "../setup/prosody.ts";
import { startCouplet } from "./daemon.ts";
import { eventually } from "./pair.ts";
import { type ProsodyServer, startProsody } from "./prosody_server.ts";
import { conditionOf, connect, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const host = "example.org";
const names = ["alice", "bob", "carol", "j_ö.x"] as const;
const hostileName = "Bób \"x\" 'y' \\n ]] <b> & 🔑";
const greeting = 'Hi "Alice" <3 & ü\n';

const storages = {
  internal: { config: "", source: "" },
  SQL: {
    config: 'default_storage = "sql"; sql = { driver = "SQLite3"; database = "prosody.sqlite" }',
    source: "/prosody.sqlite",
  },
};

/** A test on each Prosody that has this storage; SQL takes Debian's lua-dbi-sqlite3. */
for (const install of await findProsodies()) {
  for (const name of ["internal", "SQL"] as const) {
    const driver = `${install.root}/usr/share/doc/lua-dbi-sqlite3/copyright`;
    const isThere = name === "internal" || await Deno.stat(driver).then(() => true, () => false);
    Deno.test({
      name: `rosters move from ${name} storage to Couplet and back, and clients see no change ` +
        `(Prosody ${install.version})`,
      ignore: !isThere,
      fn: () => moveAndBack(install, storages[name]),
    });
  }
  Deno.test(`who is online while rosters are imported gets theirs (Prosody ${install.version})`, () =>
    importWhileOnline(install));
}

async function moveAndBack(install: ProsodyInstall, { config, source }: typeof storages.SQL): Promise<void> {
  await using old = await startProsody(install, { config });
  await fill(old);
  const before = await seen(old);
  await old.stop();
  const stored = await versions(old.dataDir + source);

  await using couplet = await startCouplet({ hosts: [host], scratch: install.scratch });
  const imported = await couplet.cli("rosters", "import", host, old.dataDir + source);
  assert.deepEqual([imported.code, imported.stderr], [0, "Done.\n"], imported.stdout);
  assert.match(imported.stdout, /^left out: 0 contacts\nfailed: 0 users$/m);
  const exported = (await couplet.cli("rosters", "export", host)).stdout.trim().split("\n");
  const kept = Object.fromEntries(
    exported.map((line) => JSON.parse(line)).map(({ user, version }) => [user, version]),
  );
  assert.deepEqual(kept, stored);

  const sameData = `${config}\ndata_path = ${JSON.stringify(pathInside(install, old.dataDir))}`;
  {
    await using moved = await startProsody(install, { config: sameData, socket: couplet.socket });
    assert.deepEqual(await seen(moved), before);
    await using alice = await logIn(moved, "alice");
    await addContact(alice, "new@example.net", "New"); // goes on from there
  }
  const folder = `${old.dataDir}/${encodeURIComponent(host).replaceAll(".", "%2e")}/roster`;
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // SQL keeps them elsewhere
  });
  const back = await couplet.cli("rosters", "export", host, "--to", old.dataDir);
  assert.equal(back.code, 0, back.stderr);
  await using again = await startProsody(install, { config: sameData, storage: { roster: "internal" } });
  const added = { groups: [], name: "New", subscription: "none" };
  const { alice, ...others } = before;
  assert.deepEqual(await seen(again), {
    ...others,
    alice: { ...alice, roster: { ...alice?.roster, "new@example.net": added } },
  });
}

async function importWhileOnline(install: ProsodyInstall): Promise<void> {
  await using old = await startProsody(install);
  await fill(old);
  const { alice: before } = await seen(old);
  await old.stop();
  await using couplet = await startCouplet({ hosts: [host], scratch: install.scratch });
  const config = `data_path = ${JSON.stringify(pathInside(install, old.dataDir))}`;
  await using moved = await startProsody(install, { config, socket: couplet.socket });
  await moved.logged("Linked to Couplet");
  await using alice = await logIn(moved, "alice");
  assert.deepEqual(await alice.roster(), {}); // and Prosody remembers that
  await alice.sendPresence();
  const imported = await couplet.cli("rosters", "import", host, old.dataDir);
  assert.equal(imported.code, 0, imported.stderr);
  const pushed = await alice.next((stanza) => stanza.is("iq") && stanza.attrs.type === "set");
  assert.ok(pushed.getChild("query", "jabber:iq:roster"), String(pushed));
  await eventually(async () =>
    Object.keys(await alice.roster()).length === Object.keys(before!.roster).length
  );
  assert.deepEqual(await rosterOf(alice), before!.roster);
}

/** Contacts of all kinds: Alice and Bob see each other, Carol waits for Alice's answer. */
async function fill(prosody: ProsodyServer): Promise<void> {
  for (const name of names) {
    const { code, stdout, stderr } = await prosody.ctl("register", name, host, "a secret");
    assert.equal(code, 0, stdout + stderr);
  }
  await using alice = await logIn(prosody, "alice");
  await using bob = await logIn(prosody, "bob");
  await using carol = await logIn(prosody, "carol");
  await using other = await logIn(prosody, "j_ö.x");
  for (const client of [alice, bob, carol]) {
    await client.sendPresence();
    await client.roster(); // who has asked is told of what becomes of requests
  }
  await addContact(alice, "dan@example.net", hostileName, "Freunde & Co", "日本", "\"'", "1");
  await addContact(other, "jürgen@bücher.example", "Jürgen");
  await alice.sendPresence({ to: "eve@example.org", type: "subscribed" }); // before she has asked: approved
  await subscribe(alice, bob);
  await subscribe(bob, alice);
  await alice.sendPresence({ to: "fay@example.net", type: "subscribe" });
  await carol.sendPresence({ to: "alice@example.org", type: "subscribe" }, xml("status", {}, greeting));
  await alice.next(asks("carol@example.org"));
  await eventually(async () => (await alice.roster())["fay@example.net"]?.ask === "subscribe");
}

const bare = ({ jid = "" }: XmppClient) => jid.split("/")[0] ?? "";
const asks = (from: string) => (stanza: Element) =>
  stanza.is("presence") && stanza.attrs.type === "subscribe" && stanza.attrs.from.split("/")[0] === from;

async function subscribe(one: XmppClient, other: XmppClient): Promise<void> {
  await one.sendPresence({ to: bare(other), type: "subscribe" });
  await other.next(asks(bare(one)));
  await other.sendPresence({ to: bare(one), type: "subscribed" });
  await one.next((stanza) => stanza.attrs.type === "subscribed" && stanza.attrs.from === bare(other));
}

/** What each client is shown, and who asks Alice with which words. */
async function seen(prosody: ProsodyServer) {
  const found: Record<string, { roster: Awaited<ReturnType<typeof rosterOf>>; asked?: string | null }> = {};
  for (const name of names) {
    await using client = await logIn(prosody, name);
    const roster = await rosterOf(client);
    await client.sendPresence();
    found[name] = { roster };
    if (name === "alice") {
      found[name].asked = (await client.next(asks("carol@example.org"))).getChildText("status");
    }
  }
  assert.deepEqual(Object.keys(found.alice?.roster ?? {}).length >= 4, true);
  assert.equal(found.alice?.roster["bob@example.org"]?.subscription, "both");
  assert.equal(found.alice?.asked, greeting);
  return found;
}

const rosterOf = async (client: XmppClient) =>
  Object.fromEntries(
    Object.entries(await client.roster()).map((
      [jid, contact],
    ) => [jid, { ...contact, groups: contact.groups.toSorted() }]),
  );

/** The versions that Prosody has kept. */
const versions = async (source: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await Array.fromAsync(readRosters(source, host))).map((one) => {
      assert.ok("roster" in one, one.username);
      return [one.username, one.roster.version];
    }),
  );

async function logIn(prosody: ProsodyServer, username: string): Promise<XmppClient> {
  const client = await connect(host, prosody.c2sPort);
  assert.equal(conditionOf(await client.login(username, "a secret")), undefined);
  return client;
}

async function addContact(client: XmppClient, jid: string, name: string, ...groups: string[]): Promise<void> {
  const item = xml("item", { jid, name }, ...groups.map((group) => xml("group", {}, group)));
  const reply = await client.iq("set", undefined, xml("query", { xmlns: "jabber:iq:roster" }, item));
  assert.equal(conditionOf(reply), undefined, String(reply));
}
