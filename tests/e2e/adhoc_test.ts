import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { eventually, type InviteSeen, type Pair, startPair } from "./pair.ts";
import type { Output } from "./process.ts";
import { conditionOf } from "./xmpp_client.ts";

const byUser = "urn:xmpp:invite#invite";
const byAdmin = "urn:xmpp:invite#create-account";

/** The token in a link or URI that was printed. */
function tokenIn(output: Output): string {
  const found = /(?:\/invite\/|preauth=)([\w-]+)/.exec(output.stdout)?.[1];
  assert.ok(found, `no link in: ${output.stdout}${output.stderr}`);
  return found;
}

/** What `couplet invites list` knows of this token's invite. */
async function listed(pair: Pair, token: string): Promise<InviteSeen | undefined> {
  const { code, stdout, stderr } = await pair.couplet.cli("invites", "list", "example.org", "--json");
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as { invites: InviteSeen[] }).invites.find((invite) => invite.token === token);
}

/** A form's three fields are there and belong together; says the token. */
async function checkForm(pair: Pair, form: Record<string, string>): Promise<string> {
  const { FORM_TYPE, uri = "", "landing-url": page = "", expire = "" } = form;
  assert.equal(FORM_TYPE, "urn:xmpp:invite#invitation");
  const token = /preauth=([\w-]+)/.exec(uri)?.[1] ?? "";
  assert.equal(page, `${pair.couplet.url}/invite/${token}`);
  const shown = await fetch(page);
  assert.equal(shown.status, 200, await shown.text());
  const week = Date.parse(expire) - Date.now();
  assert.ok(week > 6.9 * 86_400_000 && week < 7.1 * 86_400_000, expire);
  return token;
}

async function registers(pair: Pair, token: string, username: string): Promise<void> {
  await using guest = await pair.guest(token);
  assert.equal(conditionOf(await guest.register(username, "a secret")), undefined);
  assert.equal(await pair.canLogIn(username), true);
  assert.equal((await pair.look(token)).state, "used");
}

onEachProsody(
  "an admin's command makes an invite that Couplet lists, shows and takes back once",
  async (install) => {
    await using pair = await startPair(install);
    await pair.account("admin");
    await using admin = await pair.user("admin");
    const form = await admin.command("example.org", byAdmin, {});
    assert.match(form.uri ?? "", /^xmpp:example\.org\?register;preauth=/);
    const token = await checkForm(pair, form);
    const invite = await listed(pair, token);
    assert.deepEqual([invite?.state, invite?.type, invite?.jid], ["pending", "account", "example.org"]);
    await registers(pair, token, "bob");
    assert.equal((await fetch(form["landing-url"] ?? "")).status, 410);
  },
);

onEachProsody(
  "where users may invite, one's command leads to an account that is one's contact",
  async (install) => {
    await using pair = await startPair(install, { env: {}, toml: "invites = { allow_user_invites = true }" });
    await pair.account("alice");
    await using alice = await pair.user("alice");
    const form = await alice.command("example.org", byUser);
    assert.match(form.uri ?? "", /^xmpp:alice@example\.org\?roster;preauth=[\w-]+;ibr=y$/);
    const token = await checkForm(pair, form);
    const invite = await listed(pair, token);
    assert.deepEqual([invite?.state, invite?.type, invite?.jid], ["pending", "contact", "alice@example.org"]);
    await registers(pair, token, "bob");
    assert.equal((await alice.roster())["bob@example.org"]?.subscription, "both");
  },
);

onEachProsody(
  "where users may not invite, one's command makes an invite for contacts alone",
  async (install) => {
    await using pair = await startPair(install);
    await pair.account("alice");
    await using alice = await pair.user("alice");
    await assert.rejects(alice.command("example.org", byAdmin), /forbidden/);
    const form = await alice.command("example.org", byUser);
    assert.match(form.uri ?? "", /^xmpp:alice@example\.org\?roster;preauth=[\w-]+$/);
    const token = await checkForm(pair, form);
    assert.equal((await listed(pair, token))?.type, "contact");
    await using guest = await pair.stream();
    assert.equal(conditionOf(await guest.preauth(token)), "forbidden");
  },
);

onEachProsody("without the daemon a command is refused with the advice to wait", async (install) => {
  await using pair = await startPair(install);
  await pair.account("admin");
  await using admin = await pair.user("admin");
  await pair.couplet.stop();
  await pair.prosody.logged("The link to Couplet is gone");
  for (const node of [byAdmin, byUser]) {
    await assert.rejects(admin.command("example.org", node, {}), /internal-server-error/);
  }
});

onEachProsody(
  "an admin's command for a password reset makes one, by our node and Prosody's",
  async (install) => {
    await using pair = await startPair(install);
    await pair.account("admin");
    await pair.account("alice");
    await using admin = await pair.user("admin");
    const nodes = ["urn:couplet:invite#password-reset", "xmpp:prosody.im/mod_invites_adhoc#password-reset"];
    for (const [i, node] of nodes.entries()) {
      const form = await admin.command("example.org", node, { accountjid: "alice@example.org" });
      const token = /preauth=([\w-]+)/.exec(form.uri ?? "")?.[1] ?? "";
      assert.equal(form["landing-url"], `${pair.couplet.url}/invite/${token}`);
      const invite = await listed(pair, token);
      assert.deepEqual([invite?.state, invite?.type, invite?.jid], ["pending", "reset", "alice@example.org"]);
      await using alice = await pair.user("alice", i === 0 ? undefined : "number 0");
      await using guest = await pair.guest(token);
      assert.equal(conditionOf(await guest.register("alice", `number ${i}`)), undefined);
      await assert.rejects(alice.next(() => false), /ended the stream.*reset/);
      assert.equal(await pair.canLogIn("alice", `number ${i}`), true);
      assert.equal(await pair.canLogIn("alice", i === 0 ? undefined : "number 0"), false);
      assert.notEqual(conditionOf(await guest.register("alice", "a third")), undefined, "once");
    }
    for (const accountjid of ["nobody@example.org", "alice@elsewhere.example", ""]) {
      await assert.rejects(admin.command("example.org", nodes[0]!, { accountjid }), /^Error: Refused: /);
    }
    await using alice = await pair.user("alice", "number 1");
    for (const node of nodes) {
      await assert.rejects(
        alice.command("example.org", node, { accountjid: "admin@example.org" }),
        /forbidden/,
      );
    }
  },
);

onEachProsody(
  "an account invite from Prosody's shell is Couplet's and registers the name it is for",
  async (install) => {
    await using pair = await startPair(install);
    const made = install.series === "0.12"
      ? await pair.prosody.ctl("shell", 'invite:create_account("bob@example.org")')
      : await pair.prosody.ctl("shell", "invite", "create_account", "bob@example.org");
    assert.ok(made.stdout.includes(`${pair.couplet.url}/invite/`), made.stdout + made.stderr);
    const token = tokenIn(made);
    const invite = await listed(pair, token);
    assert.deepEqual([invite?.state, invite?.type, invite?.jid], ["pending", "account", "bob@example.org"]);
    await registers(pair, token, "bob");
  },
);

/** Makes an invite with prosodyctl: `flags` as 0.12's mod_invites and 13's shell both spell them. */
async function withFlags(pair: Pair, series: string, ...flags: string[]): Promise<string> {
  const made = series === "0.12"
    ? await pair.prosody.ctl("mod_invites", "generate", "example.org", ...flags)
    : await pair.prosody.ctl("shell", "invite", "create_account", "example.org", ...flags);
  assert.ok(made.stdout.includes(`${pair.couplet.url}/invite/`), made.stdout + made.stderr);
  return tokenIn(made);
}

/** Whether this account may do what admins may. */
async function isAdmin(pair: Pair, username: string): Promise<boolean> {
  await using client = await pair.user(username);
  return await client.command("example.org", byAdmin, {}).then(() => true, () => false);
}

onEachProsody("a role that prosodyctl gives to an invite is the account's", async (install) => {
  await using pair = await startPair(install);
  const admin = install.series === "0.12" ? ["--admin"] : ["--role", "prosody:admin"]; // 13.0.1 has no --admin
  const token = await withFlags(pair, install.series, ...admin);
  assert.deepEqual((await listed(pair, token))?.roles, ["prosody:admin"]);
  await registers(pair, token, "bob");
  assert.equal(await isAdmin(pair, "bob"), true);
  await registers(pair, await withFlags(pair, install.series), "carol");
  assert.equal(await isAdmin(pair, "carol"), false);
});

onEachProsody("a role that Couplet gives to an invite is the account's", async (install) => {
  await using pair = await startPair(install);
  const made = await pair.couplet.cli("invites", "create", "example.org", "--role", "prosody:admin");
  await registers(pair, tokenIn(made), "bob");
  assert.equal(await isAdmin(pair, "bob"), true);
  await registers(pair, (await pair.invite()).token, "carol");
  assert.equal(await isAdmin(pair, "carol"), false);
});

onEachProsody("prosodyctl makes password resets that Couplet keeps", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  const made = install.series === "0.12"
    ? await pair.prosody.ctl("mod_invites", "generate", "example.org", "--reset", "alice")
    : await pair.prosody.ctl("shell", "invite", "create_reset", "alice@example.org");
  assert.ok(made.stdout.includes(`${pair.couplet.url}/invite/`), made.stdout + made.stderr);
  const token = tokenIn(made);
  const invite = await listed(pair, token);
  assert.deepEqual([invite?.state, invite?.type, invite?.jid], ["pending", "reset", "alice@example.org"]);
  await using guest = await pair.guest(token);
  assert.equal(conditionOf(await guest.register("alice", "another")), undefined);
  assert.deepEqual([await pair.canLogIn("alice"), await pair.canLogIn("alice", "another")], [false, true]);
});

onEachProsody("groups of prosodyctl's are kept with the invite", async (install) => {
  if (install.series !== "0.12") return; // 13 has them with the community's mod_invites_groups alone
  await using pair = await startPair(install);
  const token = await withFlags(pair, install.series, "--group", "friends", "--group", "family");
  assert.deepEqual((await listed(pair, token))?.groups, ["friends", "family"]);
  await registers(pair, token, "bob");
});

onEachProsody("Prosody's shell shows, lists and deletes invites that Couplet made", async (install) => {
  if (install.series === "0.12") return; // its shell only makes them
  await using pair = await startPair(install);
  await pair.account("alice");
  const shell = (...args: string[]) => pair.prosody.ctl("shell", "invite", ...args);
  const plain = await pair.invite();
  await pair.couplet.cli("groups", "create", "example.org", "Friends", "--id", "friends");
  const named = (await pair.couplet.cli(
    ...["invites", "create", "example.org", "--username", "bob", "--note", "For Bob", "--json"],
    ...["--role", "prosody:member", "--group", "friends"],
  )).stdout;
  const { token } = JSON.parse(named) as InviteSeen;
  const reset = await pair.invite({ reset: "alice" });

  const shown = await shell("show", "example.org", token);
  assert.equal(shown.code, 0, shown.stdout + shown.stderr);
  assert.match(shown.stdout, /username 'bob'/);
  assert.ok(shown.stdout.includes(`${pair.couplet.url}/invite/${token}`), shown.stdout);
  for (const text of ["For Bob", "prosody:member", "friends"]) assert.ok(shown.stdout.includes(text), text);

  const list = await shell("list", "example.org");
  for (const it of [plain.token, token, reset.token]) assert.ok(list.stdout.includes(it), list.stdout);
  assert.match(list.stdout, /3 pending/);
  assert.match(list.stdout, /Password reset for alice@example\.org/);

  const deleted = await shell("delete", "example.org", plain.token);
  assert.equal(deleted.code, 0, deleted.stdout + deleted.stderr);
  assert.equal((await pair.look(plain.token)).state, "revoked");
  assert.equal((await fetch(plain.landing_page)).status, 410);
  await eventually(async () => (await shell("list", "example.org")).stdout.includes("2 pending"));
  await registers(pair, token, "bob");
});
