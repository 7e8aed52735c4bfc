import assert from "node:assert/strict";
import { startCouplet } from "./daemon.ts";
import { onEachProsody } from "./each_prosody.ts";
import { startProsody } from "./prosody_server.ts";
import { conditionOf, connect } from "./xmpp_client.ts";

onEachProsody("an account made with prosodyctl logs in and reads its roster", async (install) => {
  await using prosody = await startProsody(install);
  const made = await prosody.ctl("register", "alice", prosody.host, "a secret");
  assert.equal(made.code, 0, made.stderr + made.stdout);

  await using client = await connect(prosody.host, prosody.c2sPort);
  assert.ok(client.features.getChild("mechanisms"));
  assert.equal(conditionOf(await client.login("alice", "not this")), "not-authorized");
  assert.equal(conditionOf(await client.login("alice", "a secret")), undefined);
  assert.deepEqual(await client.roster(), {});
});

onEachProsody(
  "accounts outlive a crash of Prosody, and an admin's invite lets somebody in",
  async (install) => {
    await using prosody = await startProsody(install, { hosts: ["example.org", "example.net"] });
    await prosody.ctl("register", "admin", "example.net", "a secret");
    await prosody.kill();
    await prosody.restart();

    const listed = await prosody.ctl("shell", "user", "list", "example.net");
    assert.match(listed.stdout, /admin/, listed.stderr);
    await using client = await connect("example.net", prosody.c2sPort);
    assert.equal(conditionOf(await client.login("admin", "a secret")), undefined);
    const invite = await client.command("example.net", "urn:xmpp:invite#create-account");
    assert.match(invite.uri ?? "", /^xmpp:example\.net\?register;preauth=/);

    await using newcomer = await connect("example.net", prosody.c2sPort);
    assert.equal(conditionOf(await newcomer.register("bob", "a secret")), "not-acceptable");
    const token = /preauth=([^;]+)/.exec(invite.uri ?? "")?.[1] ?? "";
    assert.equal(conditionOf(await newcomer.preauth(token)), undefined);
    assert.equal(conditionOf(await newcomer.register("bob", "a secret")), undefined);
    assert.equal(conditionOf(await newcomer.login("bob", "a secret")), undefined);
  },
);

onEachProsody("the daemon and Prosody find each other again when the daemon crashes", async (install) => {
  await using couplet = await startCouplet({ hosts: ["example.org"], scratch: install.scratch });
  await using prosody = await startProsody(install, { hosts: ["example.org"], socket: couplet.socket });
  await prosody.logged("Linked to Couplet");
  await couplet.kill();
  await couplet.restart();
  await couplet.logged("Prosody is linked");
  assert.equal((await fetch(`${couplet.url}/livez`)).status, 200);

  const made = await couplet.cli("invites", "create", "example.org", "--json");
  assert.equal(made.code, 0, made.stderr);
  const { landing_page } = JSON.parse(made.stdout) as { landing_page: string };
  assert.ok(landing_page.startsWith(couplet.url));
  assert.equal(await couplet.stop(), 0);
});
