import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { eventually, refusalOf, startPair } from "./pair.ts";
import { conditionOf } from "./xmpp_client.ts";

onEachProsody(
  "an invite made over HTTP leads from its page to an account, and is used up",
  async (install) => {
    await using pair = await startPair(install);
    const { couplet } = pair;
    const key = (await couplet.cli("keys", "create", "example.org", "A script")).stdout.trim();
    const made = await fetch(`${couplet.url}/invites_api`, {
      headers: { host: "example.org", authorization: `Bearer ${key}` },
    });
    assert.equal(made.status, 201, await made.text());
    const page = made.headers.get("location") ?? "";
    const open = await fetch(page);
    assert.equal(open.status, 200);
    assert.match(await open.text(), /example\.org/);
    const token = page.slice(page.lastIndexOf("/") + 1);

    await using guest = await pair.guest(token);
    assert.equal((await pair.look(token)).state, "pending");
    assert.equal(conditionOf(await guest.register("alice", "a secret")), undefined);
    assert.equal(conditionOf(await guest.login("alice", "a secret")), undefined);
    assert.match(guest.jid ?? "", /^alice@example\.org\//);

    const invite = await pair.look(token);
    assert.deepEqual([invite.state, invite.uses, invite.redeemed_by?.map(({ jid }) => jid)], [
      "used",
      1,
      ["alice@example.org"],
    ]);
    const closed = await fetch(page);
    assert.equal(closed.status, 410, await closed.text());
  },
);

onEachProsody("an invite made through /v1 works on its own host and on no other", async (install) => {
  await using pair = await startPair(install, { hosts: ["example.org", "example.net"] });
  const { token } = await pair.invite({}, "example.net");
  await using stranger = await pair.stream("example.org");
  assert.equal(conditionOf(await stranger.preauth(token)), "forbidden");
  assert.equal(conditionOf(await stranger.register("alice", "a secret")), "not-acceptable");
  assert.equal(await pair.canLogIn("alice", "a secret", "example.org"), false);

  await using guest = await pair.guest(token, "example.net");
  assert.equal(conditionOf(await guest.register("alice", "a secret")), undefined);
  assert.equal(await pair.canLogIn("alice", "a secret", "example.net"), true);
  assert.equal((await pair.look(token, "example.net")).state, "used");
});

onEachProsody(
  "used, expired, revoked and unknown tokens are refused when they are shown",
  async (install) => {
    await using pair = await startPair(install);
    const used = await pair.invite();
    await using guest = await pair.guest(used.token);
    assert.equal(conditionOf(await guest.register("alice", "a secret")), undefined);
    const revoked = await pair.invite();
    assert.equal((await pair.api("DELETE", `/${revoked.token}`)).status, 204);
    // Late in a second, whole seconds of Prosody's would hide that it has ended.
    await eventually(() => Date.now() % 1000 < 300);
    const expired = await pair.invite({ ttl: 1 });
    await using early = await pair.guest(expired.token);
    await eventually(async () => (await pair.look(expired.token)).state === "expired");

    for (const token of [used.token, expired.token, revoked.token, "a-token-that-nobody-made", "x"]) {
      await using stream = await pair.stream();
      assert.equal(conditionOf(await stream.preauth(token)), "forbidden", token);
      assert.equal(conditionOf(await stream.register("bob", "a secret")), "not-acceptable", token);
    }
    assert.equal(await pair.canLogIn("bob"), false);
    assert.equal(conditionOf(await early.register("bob", "a secret")), undefined, "it was good when shown");
    assert.equal((await pair.look(expired.token)).state, "used");
    assert.equal(await pair.canLogIn("bob"), true);
  },
);

onEachProsody("an invite revoked after it was shown registers nobody", async (install) => {
  await using pair = await startPair(install);
  const { token } = await pair.invite();
  await using guest = await pair.guest(token);
  assert.equal((await pair.api("DELETE", `/${token}`)).status, 204);
  assert.match(refusalOf(await guest.register("alice", "a secret")) ?? "", /^gone: .*withdrawn/);
  assert.equal(await pair.canLogIn("alice"), false);
});

onEachProsody(
  "a stream that has registered once cannot register again with a single-use token",
  async (install) => {
    await using pair = await startPair(install);
    const { token } = await pair.invite();
    await using guest = await pair.guest(token);
    await using other = await pair.guest(token);
    assert.equal(conditionOf(await guest.register("alice", "a secret")), undefined);
    assert.match(refusalOf(await guest.register("bob", "a secret")) ?? "", /^gone: .*used/);
    assert.match(refusalOf(await other.register("carol", "a secret")) ?? "", /^gone: .*used/);
    assert.deepEqual(await Promise.all(["alice", "bob", "carol"].map((name) => pair.canLogIn(name))), [
      true,
      false,
      false,
    ]);
    assert.deepEqual((await pair.look(token)).redeemed_by?.map(({ jid }) => jid), ["alice@example.org"]);
  },
);

const unfit = [
  { what: "a name that is taken", name: "taken", password: "a secret", condition: "conflict" },
  { what: "a name that cannot be one", name: "a@b", password: "a secret", condition: "not-acceptable" },
  { what: "no name", name: "", password: "a secret", condition: "not-acceptable" },
];

onEachProsody(
  "a registration that fails leaves the invite good, for the same stream and for others",
  async (install) => {
    await using pair = await startPair(install);
    await pair.account("taken");
    for (const [i, { what, name, password, condition }] of unfit.entries()) {
      const { token } = await pair.invite({ max_uses: 2 });
      const single = (await pair.invite()).token;
      await using guest = await pair.guest(token);
      assert.equal(conditionOf(await guest.register(name, password)), condition, what);
      assert.equal(conditionOf(await guest.register(`same${i}`, "a secret")), undefined, what);
      assert.equal(await pair.canLogIn(`same${i}`), true, what);

      await using first = await pair.guest(single);
      await using second = await pair.guest(single);
      assert.equal(conditionOf(await first.register(name, password)), condition, what);
      assert.equal(refusalOf(await second.register(`other${i}`, "a secret")), undefined, what);
      assert.equal(await pair.canLogIn(`other${i}`), true, what);
      assert.deepEqual([(await pair.look(token)).uses, (await pair.look(single)).uses], [1, 1], what);
    }
    assert.equal(await pair.canLogIn("alice"), false);
  },
);

// Prosody finds out that it cannot hash this after everybody has agreed to the registration.
const unstorable = "\ue000";

onEachProsody(
  "a use held for a registration that fails is free for another stream at once",
  async (install) => {
    await using pair = await startPair(install);
    const { token } = await pair.invite();
    await using first = await pair.guest(token);
    await using second = await pair.guest(token);
    assert.equal(conditionOf(await first.register("alice", unstorable)), "feature-not-implemented");
    assert.equal(refusalOf(await second.register("bob", "a secret")), undefined);
    assert.equal(await pair.canLogIn("bob"), true);
    assert.deepEqual((await pair.look(token)).redeemed_by?.map(({ jid }) => jid), ["bob@example.org"]);
  },
);

onEachProsody(
  "a registration that fails over its password leaves no account, and the name free",
  async (install) => {
    await using pair = await startPair(install);
    const { token } = await pair.invite({ username: "alice" });
    await using guest = await pair.guest(token);
    assert.equal(conditionOf(await guest.register("alice", unstorable)), "feature-not-implemented");
    assert.equal(refusalOf(await guest.register("alice", "a secret")), undefined);
    assert.equal(await pair.canLogIn("alice"), true);
  },
);

onEachProsody(
  "without the daemon nobody registers and is told to wait; with it the same stream can",
  async (install) => {
    await using pair = await startPair(install, { config: "couplet_pause = 1" });
    const { token } = await pair.invite();
    await using guest = await pair.guest(token);
    await pair.couplet.kill();

    const refused = await guest.register("alice", "a secret");
    assert.match(refusalOf(refused) ?? "", /^internal-server-error: .*not possible just now/);
    assert.equal(refused.getChild("error")?.attrs.type, "wait");
    await using late = await pair.stream();
    assert.equal((await late.preauth(token)).getChild("error")?.attrs.type, "wait");
    assert.equal(await pair.canLogIn("alice"), false);

    await pair.couplet.restart();
    await pair.linkedAgain();
    assert.equal(conditionOf(await guest.register("alice", "a secret")), undefined);
    assert.equal(await pair.canLogIn("alice"), true);
    assert.deepEqual((await pair.look(token)).redeemed_by?.map(({ jid }) => jid), ["alice@example.org"]);
  },
);
