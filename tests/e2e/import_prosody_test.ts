import assert from "node:assert/strict";
import { findProsodies, pathInside, type ProsodyInstall } from "../setup/prosody.ts";
import { eventually, type Pair, startPair } from "./pair.ts";
import type { Output } from "./process.ts";
import { type ProsodyServer, startProsody } from "./prosody_server.ts";
import { conditionOf, connect, xml, type XmppClient } from "./xmpp_client.ts";

const host = "example.org";
const key = "wDFwS2sKxg3Z/y25ILHfvLmcTJpm3aoIuMzx6LRC3U7hFUdzH";
const storages = {
  internal: { config: "", source: "" },
  SQL: {
    config: 'default_storage = "sql"; sql = { driver = "SQLite3"; database = "prosody.sqlite" }',
    source: "/prosody.sqlite",
  },
};

for (const install of await findProsodies()) {
  for (const name of ["internal", "SQL"] as const) {
    const driver = `${install.root}/usr/share/doc/lua-dbi-sqlite3/copyright`;
    const isThere = name === "internal" || await Deno.stat(driver).then(() => true, () => false);
    Deno.test({
      name:
        `invites, keys, groups and rosters of Prosody's move from ${name} storage, and all of them go on working ` +
        `(Prosody ${install.version})`,
      ignore: !isThere,
      fn: () => move(install, storages[name]),
    });
  }
}

async function move(install: ProsodyInstall, { config, source }: typeof storages.SQL): Promise<void> {
  const settings = `${config}\nallow_user_invites = true`;
  await using old = await startProsody(install, { config: settings, modules: ["test_stores"] });
  const tokens = await makeInvites(old, install.series);
  await old.stop();

  const data = `data_path = ${JSON.stringify(pathInside(install, old.dataDir))}`;
  await using pair = await startPair(install, { config: `${settings}\n${data}` });
  const bring = async (...flags: string[]) => {
    const { code, stdout, stderr } = await pair.couplet.cli(
      "import",
      "prosody",
      old.dataDir + source,
      ...flags,
      "--json",
    );
    const { hosts, problems } = JSON.parse(stdout) as Brought;
    assert.deepEqual([code, problems], [0, []], stderr);
    return Object.entries(hosts[host] ?? {}).map(([kind, { found, imported, there_already }]) =>
      `${kind}: ${found}, ${imported}, ${there_already}`
    );
  };
  const script = () =>
    fetch(`${pair.couplet.url}/invites_api?key=${key.replace("/", "%2F")}`, { method: "POST" });
  const link = () => fetch(`${pair.couplet.url}/invites_page?${tokens.plain}`);
  assert.deepEqual(await Promise.all([script(), link()].map(status)), [403, 404]);

  const all = ["keys: 1, 1, 0", "rosters: 1, 1, 0", "groups: 1, 1, 0", "invites: 7, 7, 0"];
  assert.deepEqual(await bring("--dry-run"), all);
  assert.deepEqual(await Promise.all([script(), link()].map(status)), [403, 404]);
  assert.deepEqual(await bring(), all);
  assert.deepEqual(await bring(), [
    "keys: 1, 0, 1",
    "rosters: 1, 0, 1",
    "groups: 1, 0, 1",
    "invites: 7, 0, 7",
  ]);
  assert.deepEqual(await Promise.all([script(), link()].map(status)), [201, 200]);
  await redeemAll(pair, tokens);
  assert.deepEqual(await bring(), [
    "keys: 1, 0, 1",
    "rosters: 1, 0, 1",
    "groups: 1, 0, 1",
    "invites: 7, 0, 7",
  ]);
  await using guest = await pair.stream();
  assert.equal(conditionOf(await guest.preauth(tokens.plain)), "forbidden", "a used invite came back");
}

interface Brought {
  readonly hosts: Record<string, Record<string, { found: number; imported: number; there_already: number }>>;
  readonly problems: unknown[];
}
type Tokens = Awaited<ReturnType<typeof makeInvites>>;

async function status(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

/** One invite of each kind, by Prosody's own commands, and a roster. Alice, dave and admin have accounts. */
async function makeInvites(prosody: ProsodyServer, series: string) {
  await prosody.logged("Made the invite"); // its SQL storage waits for nobody who writes
  const group = /Made the invite ([\w-]{24})/.exec(prosody.log())?.[1] ?? "";
  for (const name of ["alice", "dave", "admin"]) {
    const made = await prosody.ctl("register", name, host, "a secret");
    assert.equal(made.code, 0, made.stdout + made.stderr);
  }
  await using admin = await logIn(prosody, "admin");
  await using alice = await logIn(prosody, "alice");
  const item = xml("item", { jid: "marie@example.net", name: "Marie" });
  await alice.iq("set", undefined, xml("query", { xmlns: "jabber:iq:roster" }, item));
  const { ctl } = prosody;
  const isOld = series === "0.12";
  return {
    plain: tokenIn(await admin.command(host, "urn:xmpp:invite#create-account")),
    both: tokenIn(await alice.command(host, "urn:xmpp:invite#invite")),
    named: tokenOf(
      isOld
        ? await ctl("shell", 'invite:create_account("bob@example.org")')
        : await ctl("shell", "invite", "create_account", "bob@example.org"),
    ),
    contact: tokenOf(
      isOld
        ? await ctl("shell", 'invite:create_contact("alice@example.org")')
        : await ctl("shell", "invite", "create_contact", "alice@example.org"),
    ),
    role: tokenOf(
      isOld
        ? await ctl("mod_invites", "generate", host, "--admin")
        : await ctl("shell", "invite", "create_account", host, "--role", "prosody:admin"),
    ),
    reset: tokenOf(
      isOld
        ? await ctl("mod_invites", "generate", host, "--reset", "dave")
        : await ctl("shell", "invite", "create_reset", "dave@example.org"),
    ),
    group,
  };
}

const tokenIn = ({ uri = "" }: Record<string, string>) => /preauth=([\w-]+)/.exec(uri)?.[1] ?? "";

function tokenOf({ stdout, stderr }: Output): string {
  const found = /preauth=([\w-]{24})/.exec(stdout)?.[1];
  assert.ok(found, `no link in: ${stdout}${stderr}`);
  return found;
}

async function logIn(prosody: ProsodyServer, username: string): Promise<XmppClient> {
  const client = await connect(host, prosody.c2sPort);
  assert.equal(conditionOf(await client.login(username, "a secret")), undefined);
  return client;
}

/** Each as its kind is used, by real clients. */
async function redeemAll(pair: Pair, tokens: Tokens): Promise<void> {
  const register = async (token: string, name: string) => {
    await using guest = await pair.guest(token);
    return conditionOf(await guest.register(name, "a secret"));
  };
  const contacts = async (name: string) => {
    await using client = await pair.user(name);
    return Object.fromEntries(
      Object.entries(await client.roster()).map(([jid, { subscription }]) => [jid, subscription]),
    );
  };
  assert.equal(await register(tokens.plain, "erin"), undefined);
  assert.equal(await register(tokens.named, "other"), "not-allowed");
  assert.equal(await register(tokens.named, "bob"), undefined);
  assert.equal(await register(tokens.reset, "dave"), undefined); // which sets the password

  assert.equal(await register(tokens.role, "root"), undefined);
  await using root = await pair.user("root");
  assert.ok((await root.command(host, "urn:xmpp:invite#create-account", {})).uri);

  assert.equal(await register(tokens.both, "frank"), undefined);
  assert.deepEqual(await contacts("frank"), { "alice@example.org": "both" });
  {
    await using alice = await pair.user("alice");
    await alice.sendPresence();
    await alice.roster(); // answered after the presence has been dealt with
    await using erin = await pair.user("erin");
    await erin.sendPresence();
    await erin.roster(); // and asked to be told of changes
    await erin.sendPresence(
      { to: "alice@example.org", type: "subscribe" },
      xml("preauth", { xmlns: "urn:xmpp:pars:0", token: tokens.contact }),
    );
    await erin.next((stanza) => stanza.is("presence") && stanza.attrs.type === "subscribed");
  }

  for (const name of ["gina", "hugo"]) assert.equal(await register(tokens.group, name), undefined);
  await eventually(async () => Object.keys(await contacts("hugo")).length === 3);
  assert.deepEqual(Object.keys(await contacts("hugo")).sort(), [
    ...["alice@example.org", "dave@example.org", "gina@example.org"],
  ]);
  const { ["marie@example.net"]: marie, ["dave@example.org"]: dave } = await contacts("alice");
  assert.deepEqual([marie, dave], ["none", "both"]);
}
