import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parseStanza } from "../../src/channel/stanza.ts";
import { writeStore } from "../../src/prosody/data_folder.ts";
import type { LuaTable, LuaValue } from "../../src/core/lua_value.ts";
import {
  countUsers,
  readRosters,
  type StoredContact,
  type StoredRoster,
  writeRoster,
} from "../../src/prosody/stored_rosters.ts";
import { eventually } from "../e2e/pair.ts";
import { type ProsodyServer, startProsody } from "../e2e/prosody_server.ts";
import { conditionOf, connect, type Element, xml, type XmppClient } from "../e2e/xmpp_client.ts";
import { findProsodies } from "../setup/prosody.ts";

const host = "example.org";

/** What is found for each user: the roster, or the error's message. */
const rostersIn = async (source: string): Promise<Record<string, StoredRoster | string>> =>
  Object.fromEntries(
    (await Array.fromAsync(readRosters(source, host)))
      .map((one) => [one.username, "error" in one ? one.error.message : one.roster]),
  );

async function scratch(): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir({ prefix: "couplet-rosters-" });
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

const noUtf8 = new Uint8Array([0xff, 0xfe]);
const table = (members: Record<string, LuaValue>): LuaTable => new Map(Object.entries(members));
const contact = (more: Partial<StoredContact> = {}): StoredContact => ({
  ...{ subscription: "none", approved: false, groups: [], ...more },
});

Deno.test("what is written is read again as it was, with requests as XML or without", async () => {
  await using data = await scratch();
  const request =
    '<presence from="eve@example.net" type="subscribe" xml:lang="en"><status>&lt;hi&gt; &amp; ' +
    '"you"&#10;é</status><x xmlns="urn:x" xmlns:ns1="urn:y" ns1:a="&apos;&quot;1"/></presence>';
  const roster: StoredRoster = {
    version: 7,
    items: new Map([
      [
        "bob@example.org",
        contact({ name: `Bób "\\'\n]]🔑`, subscription: "both", groups: ["", "a'b\"", "ä"] }),
      ],
      ["pending", contact({ ask: "subscribe" })],
      ["carl@example.org", contact({ subscription: "from", approved: true })],
    ]),
    pending: new Map<string, true | string>([["dan@example.net", true], ["eve@example.net", request]]),
  };
  await writeRoster(data.dir, host, "a_b", roster);
  await writeRoster(data.dir, host, "nobody", { version: 0, items: new Map(), pending: new Map() });
  const { a_b, nobody } = await rostersIn(data.dir) as Record<string, StoredRoster>;
  assert.deepEqual(nobody, { version: 0, items: new Map(), pending: new Map() });
  assert.deepEqual(a_b, roster);
  assert.equal(await countUsers(data.dir, host, "roster"), 2);
});

Deno.test("prefixes become what Prosody keeps, and the stream's own namespace is not said", async () => {
  await using data = await scratch();
  const request = '<presence xmlns="jabber:client"><y:a xmlns:y="urn:y" y:b="1"/></presence>';
  const roster = { version: 1, items: new Map(), pending: new Map([["eve@example.net", request]]) };
  await writeRoster(data.dir, host, "ann", roster);
  const file = await Deno.readTextFile(`${data.dir}/example%2eorg/roster/ann.dat`);
  assert.match(file, /\["name"\] = "a";/);
  assert.match(file, /\["urn:y\\001b"\] = "1";/);
  const { ann } = await rostersIn(data.dir) as Record<string, StoredRoster>;
  const read = parseStanza(String(ann?.pending.get("eve@example.net")));
  assert.deepEqual(read.attrs, {});
  const child = read.getChild("a", "urn:y");
  assert.equal(child?.getAttr("b", "urn:y"), "1");
});

Deno.test("a request that is no XML does not take the contacts with it, neither to be read nor to be written", async () => {
  await using data = await scratch();
  const element = (name: LuaValue, attr: Record<string, LuaValue> = {}) => table({ name, attr: table(attr) });
  let deep: LuaTable = element("a");
  for (let i = 0; i < 70; i++) deep = new Map([...element("a"), [1, deep]] as [string, LuaValue][]);
  const requests: Record<string, LuaValue> = {
    nameless: element(undefined),
    markup: element("a><b"),
    attribute: element("a", { "b='1' c": "2" }),
    value: element("a", { b: 1 }),
    prefix: element("a:b"),
    child: new Map([...element("a"), [1, 5]] as [string, LuaValue][]),
    bytes: new Map([...element("a"), [1, noUtf8]] as [string, LuaValue][]),
    bytesAsAttribute: table({ name: "a", attr: new Map([[noUtf8, "1"]]) }),
    fat: new Map([...element("a"), [1, "x".repeat(300_000)]] as [string, LuaValue][]),
    deep,
  };
  for (const [name, request] of Object.entries(requests)) {
    const about = table({ version: 3, pending: table({ "eve@example.net": request }) });
    const bob = table({ subscription: "both", groups: table({}) });
    await writeStore(
      data.dir,
      host,
      "roster",
      name,
      new Map<false | string, LuaValue>([[false, about], ["bob@example.org", bob]]),
    );
  }
  const read = await rostersIn(data.dir);
  for (const name of Object.keys(requests)) {
    const { items, pending } = read[name] as StoredRoster;
    assert.deepEqual([...items.keys()], ["bob@example.org"], name);
    assert.deepEqual([...pending], [["eve@example.net", true]], name);
    await writeRoster(data.dir, host, name, {
      version: 3,
      items,
      pending: new Map([["eve@example.net", "<presence>"]]),
    });
  }
  const again = await rostersIn(data.dir);
  for (const name of Object.keys(requests)) assert.deepEqual(again[name], read[name], name);
});

Deno.test("a request is told the same whatever order its attributes are kept in", async () => {
  await using data = await scratch();
  const attrs = ['["urn:b\\1x"]="1"', 'type="subscribe"', '["urn:a\\1y"]="2"', 'from="eve@example.net"'];
  await Deno.mkdir(`${data.dir}/example%2eorg/roster`, { recursive: true });
  for (const [name, fields] of Object.entries({ ann: attrs, ben: attrs.toReversed() })) {
    await Deno.writeTextFile(
      `${data.dir}/example%2eorg/roster/${name}.dat`,
      `return {[false]={pending={["eve@example.net"]={name="presence",attr={${fields}}}}}}`,
    );
  }
  const { ann, ben } = await rostersIn(data.dir) as Record<string, StoredRoster>;
  assert.equal(
    ann?.pending.get("eve@example.net"),
    '<presence from="eve@example.net" type="subscribe" xmlns:ns1="urn:a" ns1:y="2" xmlns:ns2="urn:b" ns2:x="1"/>',
  );
  assert.deepEqual(ben, ann);
});

Deno.test("older shapes are understood: no metadata, no groups, pending requests beside contacts", async () => {
  await using data = await scratch();
  const put = (username: string, value: LuaValue) => writeStore(data.dir, host, "roster", username, value);
  await put("bare", table({ "bob@example.org": table({ subscription: "both", approved: true }) }));
  await put("legacy", table({ pending: table({ "eve@example.net": true }), "b@c": table({}) }));
  await put("contact", table({ pending: table({ subscription: "to", groups: table({}) }) }));
  await put("huge", new Map([[false, table({ version: 2n ** 60n })]]));
  await put("madeUp", new Map([[false, table({ version: true })]]));
  await put("empty", table({}));
  const empty = { version: 0, items: new Map(), pending: new Map() };
  assert.deepEqual(await rostersIn(data.dir), {
    bare: {
      ...empty,
      items: new Map([["bob@example.org", contact({ subscription: "both", approved: true })]]),
    },
    legacy: {
      ...empty,
      ...{ items: new Map([["b@c", contact()]]), pending: new Map([["eve@example.net", true]]) },
    },
    contact: { ...empty, items: new Map([["pending", contact({ subscription: "to" })]]) },
    ...{ madeUp: empty, empty, huge: { ...empty, version: 2 ** 60 } },
  });
});

Deno.test("what is no roster is an error of that user alone", async () => {
  await using data = await scratch();
  const item = (members: Record<string, LuaValue>) => table({ "bob@example.org": table(members) });
  const evil: Record<string, LuaValue> = {
    text: "roster",
    number: 1,
    contact: table({ "bob@example.org": "both" }),
    key: new Map([[5, table({ subscription: "both" })]]),
    yes: new Map([[true, table({ subscription: "both" })]]),
    metadata: new Map([[false, "x"]]),
    subscription: item({ subscription: 1 }),
    groups: item({ groups: "x" }),
    bytesAsGroup: item({ groups: new Map([[noUtf8, true]]) }),
    bytesAsName: item({ name: noUtf8 }),
    bytesAsJid: new Map([[noUtf8, table({ subscription: "both" })]]),
    bytesAsAsker: new Map([[false, table({ pending: new Map([[noUtf8, true]]) })]]),
    long: item({ subscription: 2n ** 60n }),
    endless: item({ subscription: Infinity }),
    group: item({ groups: new Map([[1, "x"]]) }),
    ask: item({ ask: true }),
    name: item({ name: "x".repeat(10_000_000) }),
    jid: table({ ["x".repeat(300_000)]: table({}) }),
  };
  for (const [name, value] of Object.entries(evil)) await writeStore(data.dir, host, "roster", name, value);
  await writeRoster(data.dir, host, "ann", { version: 1, items: new Map(), pending: new Map() });
  await Deno.writeTextFile(`${data.dir}/example%2eorg/roster/code.dat`, 'return os.execute("true")');
  const { ann, code, ...others } = await rostersIn(data.dir);
  assert.equal((ann as StoredRoster).version, 1);
  assert.equal(code, "Line 1: a value was expected.");
  assert.deepEqual(Object.keys(others).sort(), Object.keys(evil).sort());
  for (const [name, error] of Object.entries(others)) {
    assert.match(String(error), /^(A|There is something else) .{10,70}\.$/, name);
  }
});

Deno.test("a source that is neither a folder nor a database is an error", async () => {
  await using data = await scratch();
  await Deno.writeTextFile(`${data.dir}/text`, "no database");
  new DatabaseSync(`${data.dir}/empty`).close();
  for (const name of ["text", "empty", "missing"]) {
    await assert.rejects(rostersIn(`${data.dir}/${name}`), Error);
    await assert.rejects(countUsers(`${data.dir}/${name}`, host, "roster"), Error);
  }
});

// From here on, with Prosodies: what they keep is read, and what we write they show.

const storages = {
  internal: { config: "", source: "" },
  sql: {
    config: 'default_storage = "sql"; sql = { driver = "SQLite3"; database = "prosody.sqlite" }',
    source: "/prosody.sqlite",
  },
};

/** A test on each Prosody that has this storage; SQL takes Debian's lua-dbi-sqlite3. */
async function onEach(
  name: string,
  storage: keyof typeof storages,
  test: (at: ProsodyServer) => Promise<void>,
) {
  for (const install of await findProsodies()) {
    const driver = `${install.root}/usr/share/doc/lua-dbi-sqlite3/copyright`;
    const there = storage === "internal" || await Deno.stat(driver).then(() => true, () => false);
    Deno.test({
      name: `${name} (${storage}, Prosody ${install.version})`,
      ignore: !there,
      async fn() {
        await using prosody = await startProsody(install, { config: storages[storage].config });
        await test(prosody);
      },
    });
  }
}

async function account(prosody: ProsodyServer, ...names: string[]): Promise<void> {
  for (const name of names) {
    const { code, stdout, stderr } = await prosody.ctl("register", name, host, "a secret");
    assert.equal(code, 0, stdout + stderr);
  }
}

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

const hostileName = "Bób \"x\" 'y' \\n ]] <b> & 🔑";

/** Alice gets contacts of all kinds, and is asked by Bob. */
async function fill(prosody: ProsodyServer): Promise<void> {
  await account(prosody, "alice", "bob", "j_ö.x");
  await using alice = await logIn(prosody, "alice");
  await using bob = await logIn(prosody, "bob");
  await using other = await logIn(prosody, "j_ö.x");
  await addContact(alice, "dan@example.net", hostileName, "Freunde & Co", "日本", "\"'", "1");
  await addContact(alice, "eve@example.net", "");
  await addContact(other, "jürgen@bücher.example", "Jürgen");
  await alice.sendPresence();
  await alice.sendPresence({ to: "carl@example.org", type: "subscribed" }); // before he has asked: approved
  await alice.sendPresence({ to: "bob@example.org", type: "subscribe" });
  await bob.sendPresence();
  await bob.sendPresence(
    { to: "alice@example.org", type: "subscribe" },
    xml("status", {}, 'Hi "Alice" <3 & ü\n'),
    xml(
      "x",
      { xmlns: "urn:x", "xmlns:z": "urn:z", "z:y": "a'b" },
      xml("preauth", { xmlns: "urn:xmpp:pars:0" }),
    ),
  );
  await alice.next((stanza) => stanza.is("presence") && stanza.attrs.type === "subscribe");
  await eventually(async () => (await alice.roster())["bob@example.org"]?.ask === "subscribe");
}

for (const storage of ["internal", "sql"] as const) {
  await onEach("what clients do is read from Prosody's storage", storage, async (prosody) => {
    await fill(prosody);
    const source = prosody.dataDir + storages[storage].source;
    assert.equal(await countUsers(source, host, "accounts"), 3);
    const { alice, bob, ...rest } = await rostersIn(source) as Record<string, StoredRoster>;
    const items = [...alice?.items ?? []].map(([jid, { groups, ...item }]) =>
      [jid, { ...item, groups: groups.sort() }] as const
    );
    assert.deepEqual(Object.fromEntries(items), {
      "bob@example.org": contact({ ask: "subscribe" }),
      "carl@example.org": contact({ approved: true }),
      "dan@example.net": contact({ name: hostileName, groups: ["\"'", "1", "Freunde & Co", "日本"].sort() }),
      "eve@example.net": contact(),
    });
    assert.ok((alice?.version ?? 0) >= 4);
    assert.deepEqual([...alice?.pending.keys() ?? []], ["bob@example.org"]);
    const request = parseStanza(String(alice?.pending.get("bob@example.org")));
    assert.equal(request.getName(), "presence");
    assert.match(request.attrs.from, /^bob@example\.org(\/|$)/);
    assert.equal(request.getChildText("status"), 'Hi "Alice" <3 & ü\n');
    assert.equal(request.getChild("x", "urn:x")?.getAttr("y", "urn:z"), "a'b");
    assert.ok(request.getChild("x", "urn:x")?.getChild("preauth", "urn:xmpp:pars:0"));
    assert.deepEqual(bob?.items, new Map([["alice@example.org", contact({ ask: "subscribe" })]]));
    assert.deepEqual(Object.keys(rest), ["j_ö.x"]);
    assert.deepEqual(rest["j_ö.x"]?.items, new Map([["jürgen@bücher.example", contact({ name: "Jürgen" })]]));
  });
}

await onEach("Prosody shows what is written, and goes on from there", "internal", async (prosody) => {
  await account(prosody, "j_ö.x", "bob");
  await prosody.stop();
  const request =
    '<presence from="bob@example.org" to="j_ö.x@example.org" type="subscribe"><status>Hi "you" ' +
    "&amp; ü</status><p:x xmlns:p='urn:x' xmlns:z='urn:z' z:y='1'/></presence>";
  const written: StoredRoster = {
    version: 41,
    items: new Map([
      ["dan@example.net", contact({ name: hostileName, subscription: "both", groups: ["日本", "a\"'\\"] })],
      ["carl@example.org", contact({ approved: true })],
    ]),
    pending: new Map<string, true | string>([["bob@example.org", request], ["eve@example.net", true]]),
  };
  await writeRoster(prosody.dataDir, host, "j_ö.x", written);
  await prosody.restart();
  const asks = (from: string) => (stanza: Element) =>
    stanza.attrs.type === "subscribe" && stanza.attrs.from === from;
  {
    await using client = await logIn(prosody, "j_ö.x");
    const shown = Object.entries(await client.roster());
    assert.deepEqual(
      Object.fromEntries(shown.map(([jid, one]) => [jid, { ...one, groups: one.groups.toSorted() }])),
      {
        "dan@example.net": { subscription: "both", name: hostileName, groups: ["a\"'\\", "日本"] },
        "carl@example.org": { subscription: "none", groups: [] },
      },
    );
    await client.sendPresence();
    const asked = await client.next(asks("bob@example.org"));
    assert.equal(asked.getChildText("status"), 'Hi "you" & ü');
    assert.equal(asked.getChild("x", "urn:x")?.getAttr("y", "urn:z"), "1");
    await client.next(asks("eve@example.net"));
    await addContact(client, "fay@example.net", "Fay");
  }
  const { "j_ö.x": roster } = await rostersIn(prosody.dataDir) as Record<string, StoredRoster>;
  assert.equal(roster?.version, 42);
  assert.deepEqual([...roster?.items.keys() ?? []].sort(), [
    ...["carl@example.org", "dan@example.net", "fay@example.net"],
  ]);
  assert.equal(roster?.items.get("carl@example.org")?.approved, true);
  assert.deepEqual([...roster?.pending.keys() ?? []].sort(), ["bob@example.org", "eve@example.net"]);
});
