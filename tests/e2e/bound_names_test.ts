import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { refusalOf, startPair } from "./pair.ts";
import { conditionOf } from "./xmpp_client.ts";

onEachProsody("an invite for one username registers that name and no other", async (install) => {
  await using pair = await startPair(install);
  const invite = await pair.invite({ username: "Alice" });
  assert.equal(invite.jid, "alice@example.org");
  await using guest = await pair.guest(invite.token);
  assert.match(refusalOf(await guest.register("bob", "a secret")) ?? "", /^not-allowed: .*\balice\b/);
  assert.equal((await pair.look(invite.token)).state, "pending");
  assert.equal(conditionOf(await guest.register("ALICE", "a secret")), undefined);
  assert.deepEqual([await pair.canLogIn("alice"), await pair.canLogIn("bob")], [true, false]);
  const { state, redeemed_by } = await pair.look(invite.token);
  assert.deepEqual([state, redeemed_by?.map(({ jid }) => jid)], ["used", ["alice@example.org"]]);
});

onEachProsody(
  "a name that an invite keeps is not given to another invite, nor to who registers with one",
  async (install) => {
    await using pair = await startPair(install);
    const kept = await pair.invite({ username: "alice" });
    const again = await pair.api("POST", "", { username: "ALICE" });
    assert.equal(again.status, 409, await again.text());
    const shell = install.series === "0.12"
      ? await pair.prosody.ctl("shell", 'invite:create_account("alice@example.org")')
      : await pair.prosody.ctl("shell", "invite", "create_account", "alice@example.org");
    const shown = shell.stdout + shell.stderr;
    assert.doesNotMatch(shown, /preauth=|\/invite\//, `Prosody's shell gave out a second invite: ${shown}`);

    const free = await pair.invite();
    await using guest = await pair.guest(free.token);
    assert.match(refusalOf(await guest.register("alice", "a secret")) ?? "", /^conflict: .*kept/);
    assert.equal(conditionOf(await guest.register("bob", "a secret")), undefined);
    assert.deepEqual([await pair.canLogIn("alice"), await pair.canLogIn("bob")], [false, true]);

    assert.equal((await pair.api("DELETE", `/${kept.token}`)).status, 204);
    await using late = await pair.guest((await pair.invite()).token);
    assert.equal(conditionOf(await late.register("alice", "a secret")), undefined);
  },
);

onEachProsody("where registration is open to everybody, a kept name is still kept", async (install) => {
  await using pair = await startPair(install, {
    hostConfig: { "example.org": "registration_invite_only = false" },
    toml: "invites = { registration_invite_only = false }",
  });
  const { token } = await pair.invite({ username: "alice" });
  await using anybody = await pair.stream();
  assert.match(refusalOf(await anybody.register("alice", "a secret")) ?? "", /^conflict: .*kept/);
  assert.equal(conditionOf(await anybody.register("bob", "a secret")), undefined);
  await using guest = await pair.guest(token);
  assert.equal(conditionOf(await guest.register("alice", "a secret")), undefined);
  assert.deepEqual([await pair.canLogIn("alice"), await pair.canLogIn("bob")], [true, true]);
  assert.equal((await pair.look(token)).state, "used");
});

onEachProsody("an account without an invite takes that both Prosody and we say so", async (install) => {
  const open = "registration_invite_only = false";
  const cases: [theirs: string, ours: string, refusal: RegExp][] = [
    [open, "", /^forbidden: .*with an invite only/],
    ["", `invites = { ${open} }`, /^not-acceptable: .*invitation only/],
  ];
  for (const [theirs, toml, refusal] of cases) {
    await using pair = await startPair(install, { toml, hostConfig: { "example.org": theirs } });
    await using anybody = await pair.stream();
    assert.match(refusalOf(await anybody.register("bob", "a secret")) ?? "", refusal);
    assert.equal(await pair.canLogIn("bob"), false);
    await using guest = await pair.guest((await pair.invite()).token);
    assert.equal(conditionOf(await guest.register("bob", "a secret")), undefined);
  }
});

onEachProsody("no invite is made for the name of an account that exists", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  const refused = await pair.api("POST", "", { username: "alice" });
  assert.equal(refused.status, 409, await refused.text());
  const absent = await pair.api("POST", "", { reset: "nobody" });
  assert.equal(absent.status, 422, await absent.text());
});

onEachProsody("a password reset sets a new password once", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  const { token } = await pair.invite({ reset: "alice" });
  await using guest = await pair.guest(token);
  await using second = await pair.guest(token);
  assert.equal(conditionOf(await guest.register("alice", "another")), undefined);
  assert.equal(await pair.canLogIn("alice", "a secret"), false);
  assert.equal(await pair.canLogIn("alice", "another"), true);
  const { state, redeemed_by } = await pair.look(token);
  assert.deepEqual([state, redeemed_by?.map(({ jid }) => jid)], ["used", ["alice@example.org"]]);

  assert.match(refusalOf(await guest.register("alice", "a third")) ?? "", /^gone: .*used/);
  assert.match(refusalOf(await second.register("alice", "a third")) ?? "", /^gone: .*used/);
  await using late = await pair.stream();
  assert.equal(conditionOf(await late.preauth(token)), "forbidden");
  assert.equal(await pair.canLogIn("alice", "a third"), false);
  assert.equal(await pair.canLogIn("alice", "another"), true);
});

onEachProsody("a password reset neither touches another account nor makes one", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  await pair.account("bob");
  const { token } = await pair.invite({ reset: "alice" });
  await using guest = await pair.guest(token);
  assert.match(refusalOf(await guest.register("bob", "stolen")) ?? "", /^not-allowed: .*\balice\b/);
  assert.match(refusalOf(await guest.register("carol", "stolen")) ?? "", /^not-allowed: .*\balice\b/);
  assert.equal(await pair.canLogIn("bob", "a secret"), true);
  assert.deepEqual([await pair.canLogIn("bob", "stolen"), await pair.canLogIn("carol", "stolen")], [
    false,
    false,
  ]);
  const deleted = await pair.prosody.ctl("deluser", "alice@example.org");
  assert.equal(deleted.code, 0, deleted.stdout + deleted.stderr);
  assert.notEqual(conditionOf(await guest.register("alice", "stolen")), undefined);
  assert.equal(await pair.canLogIn("alice", "stolen"), false);
});

onEachProsody("an invite for any account resets no password", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  const { token } = await pair.invite();
  await using guest = await pair.guest(token);
  assert.equal(conditionOf(await guest.register("alice", "stolen")), "conflict");
  assert.deepEqual([await pair.canLogIn("alice", "a secret"), await pair.canLogIn("alice", "stolen")], [
    true,
    false,
  ]);
});
