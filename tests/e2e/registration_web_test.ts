import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { eventually, type Pair, startPair } from "./pair.ts";
import { openForm } from "./web_form.ts";
import { conditionOf } from "./xmpp_client.ts";

const password = "correct horse battery";

/** Fills in the form of this invite and sends it. */
async function register(pair: Pair, token: string, fields: Record<string, string>, headers = {}) {
  const form = await openForm(pair, `/invite/${token}/register`, headers);
  return await form.send({ password, ...fields });
}

onEachProsody("an invite becomes an account in a browser, and the account logs in", async (install) => {
  await using pair = await startPair(install);
  const { token } = await pair.invite();
  const form = await openForm(pair, `/invite/${token}/register`);
  const done = await form.send({ username: "Alice@example.org ", password });
  assert.equal(done.status, 200, done.text);
  assert.match(done.text, /alice@example\.org/);
  assert.ok(!done.text.includes(password));
  assert.equal(await pair.canLogIn("alice", password), true);
  const { state, uses, redeemed_by } = await pair.look(token);
  assert.deepEqual([state, uses, redeemed_by?.map(({ jid }) => jid)], ["used", 1, ["alice@example.org"]]);
  assert.equal((await form.send({ username: "bob", password })).status, 410);
  assert.equal(await pair.canLogIn("bob", password), false);
});

onEachProsody("an invite for one name makes an account of that name and of no other", async (install) => {
  await using pair = await startPair(install);
  const { token } = await pair.invite({ username: "alice" });
  const refused = await register(pair, token, { username: "bob" });
  assert.equal(refused.status, 403, refused.text);
  assert.equal((await pair.look(token)).state, "pending");
  assert.equal((await register(pair, token, {})).status, 200);
  assert.deepEqual([await pair.canLogIn("alice", password), await pair.canLogIn("bob", password)], [
    true,
    false,
  ]);
  assert.equal((await pair.look(token)).state, "used");
});

onEachProsody("who registers in a browser and the inviter are in each other's roster", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  await using alice = await pair.user("alice");
  assert.deepEqual(await alice.roster(), {});
  const { token } = await pair.invite({ contact: "alice", register: true });
  const done = await register(pair, token, { username: "bob" });
  assert.equal(done.status, 200, done.text);
  await using bob = await pair.user("bob", password);
  assert.equal((await bob.roster())["alice@example.org"]?.subscription, "both");
  assert.equal((await alice.roster())["bob@example.org"]?.subscription, "both");
});

/** Every file that Prosody has of a user, but for times and secrets. */
async function kept({ prosody }: Pair, username: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const dir = `${prosody.dataDir}/example%2eorg`;
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (!isDirectory) continue;
    const text = await Deno.readTextFile(`${dir}/${name}/${username}.dat`).catch(() => undefined);
    if (text === undefined) continue;
    files[name] = text.replaceAll(/= (\d{5,}|".{16,}")/g, "= …").replaceAll(username, "USER")
      .split("\n").sort().join("\n");
  }
  return files;
}

onEachProsody(
  "an account made in a browser has what one made in an app has: its roles, and all else that is kept",
  async (install) => {
    await using pair = await startPair(install, { env: { COUPLET_TRUSTED_PROXIES: "127.0.0.1" } });
    const role = install.series === "0.12" ? "prosody:member" : "prosody:admin";
    const invite = async () => {
      const made = await pair.couplet.cli("invites", "create", "example.org", "--role", role, "--json");
      assert.equal(made.code, 0, made.stderr);
      return JSON.parse(made.stdout).token as string;
    };
    const done = await register(pair, await invite(), { username: "alice" });
    assert.equal(done.status, 200, done.text);
    await using guest = await pair.guest(await invite());
    assert.equal(conditionOf(await guest.register("brian", password)), undefined);
    const [alice, brian] = [await kept(pair, "alice"), await kept(pair, "brian")];
    assert.deepEqual(alice, brian);
    assert.match(JSON.stringify(alice), new RegExp(role));
    assert.ok("accounts" in alice && "account_details" in alice, Object.keys(alice).join());
  },
);

onEachProsody("a reset sets the password once, and ends every session of the user", async (install) => {
  await using pair = await startPair(install);
  for (const name of ["alice", "bob"]) await pair.account(name);
  await using phone = await pair.user("alice", "a secret", undefined, "phone");
  await using desk = await pair.user("alice", "a secret", undefined, "desk");
  await using bob = await pair.user("bob");
  const { token } = await pair.invite({ reset: "alice" });
  const form = await openForm(pair, `/invite/${token}/register`);
  assert.equal((await form.send({ username: "bob", password })).status, 403);
  assert.equal((await form.send({ password: "short" })).status, 422);
  assert.equal(await pair.canLogIn("alice", "a secret"), true);
  const done = await form.send({ username: "alice", password });
  assert.equal(done.status, 200, done.text);
  for (const client of [phone, desk]) {
    await assert.rejects(client.next(), /ended the stream.*Password changed|closed/);
  }
  assert.deepEqual(await bob.rest(), []);
  assert.deepEqual([await pair.canLogIn("alice", "a secret"), await pair.canLogIn("alice", password)], [
    false,
    true,
  ]);
  assert.equal((await form.send({ username: "alice", password: "another of mine" })).status, 410);
  assert.equal(await pair.canLogIn("alice", password), true);
  assert.equal((await pair.look(token)).state, "used");
});

onEachProsody("a reset in an app ends every session too", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  await using phone = await pair.user("alice");
  await using guest = await pair.guest((await pair.invite({ reset: "alice" })).token);
  assert.equal(conditionOf(await guest.register("alice", password)), undefined);
  await assert.rejects(phone.next(), /ended the stream|closed/);
  assert.deepEqual([await pair.canLogIn("alice", "a secret"), await pair.canLogIn("alice", password)], [
    false,
    true,
  ]);
});

onEachProsody("a reset makes no account where there is none any more", async (install) => {
  await using pair = await startPair(install);
  await pair.account("alice");
  const { token } = await pair.invite({ reset: "alice" });
  const form = await openForm(pair, `/invite/${token}/register`);
  assert.equal((await pair.prosody.ctl("deluser", "alice@example.org")).code, 0);
  assert.ok([403, 410].includes((await form.send({ password })).status));
  assert.equal(await pair.canLogIn("alice", password), false);
});

onEachProsody(
  "names that are taken, kept or no names, and passwords that cannot be kept, leave the invite good",
  async (install) => {
    await using pair = await startPair(install);
    await pair.account("taken");
    await pair.invite({ username: "kept" });
    const { token } = await pair.invite();
    const cases: [Record<string, string>, number][] = [
      [{ username: "taken" }, 409],
      [{ username: "TAKEN@example.org" }, 409],
      [{ username: "kept" }, 409],
      [{ username: "a b" }, 422],
      [{ username: "a@b" }, 422],
      [{ username: "" }, 422],
      [{ username: "alice", password: "short" }, 422],
      [{ username: "alice", password: "שלום שלום abc" }, 422], // nothing that we refuse, but Prosody does (RFC 3454, 6)
    ];
    for (const [fields, status] of cases) {
      const answer = await register(pair, token, fields);
      assert.equal(answer.status, status, JSON.stringify(fields) + answer.text);
      assert.match(answer.text, /aria-invalid="true"/);
    }
    const { state, uses } = await pair.look(token);
    assert.deepEqual([state, uses], ["pending", 0]);
    assert.equal((await register(pair, token, { username: "alice" })).status, 200);
    assert.equal(await pair.canLogIn("taken", "a secret"), true);
  },
);

onEachProsody("a password is the same however it was typed", async (install) => {
  await using pair = await startPair(install, {});
  const typed = "Zu\u0308rich\u3000\u00a0Cafe\u0301 ①";
  const { token } = await pair.invite();
  assert.equal((await register(pair, token, { username: "alice", password: typed })).status, 200);
  for (const again of [typed.normalize("NFC"), "Zürich  Café ①", "Zürich  Café 1"]) {
    assert.equal(await pair.canLogIn("alice", again), true, again);
  }
});

onEachProsody("a token that is sent ten times at once makes one account", async (install) => {
  await using pair = await startPair(install);
  const { token } = await pair.invite();
  const form = await openForm(pair, `/invite/${token}/register`);
  const names = Array.from({ length: 10 }, (_, i) => `user${i}`);
  const answers = await Promise.all(names.map((username) => form.send({ username, password })));
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
  assert.ok(statuses.every((status) => [200, 409, 410].includes(status)), statuses.join());
  const there = await Promise.all(names.map((name) => pair.canLogIn(name, password)));
  assert.deepEqual(there, statuses.map((status) => status === 200));
  assert.equal((await pair.look(token)).uses, 1);
});

onEachProsody(
  "without Prosody nobody is registered, and the invite is good when it is back",
  async (install) => {
    await using pair = await startPair(install);
    const { token } = await pair.invite();
    const form = await openForm(pair, `/invite/${token}/register`);
    await pair.prosody.kill();
    const refused = await form.send({ username: "alice", password });
    assert.equal(refused.status, 503, refused.text);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.match(refused.text, /value="alice"/);
    assert.equal((await pair.look(token)).state, "pending");
    await pair.prosody.restart();
    let status = 0;
    await eventually(async () =>
      (status = (await form.send({ username: "alice", password })).status) !== 503
    );
    assert.equal(status, 200);
    assert.equal(await pair.canLogIn("alice", password), true);
  },
);

onEachProsody(
  "a daemon that is killed while Prosody makes an account loses neither the account nor the count",
  async (install) => {
    await using pair = await startPair(install, { modules: ["test_registrar"], config: "couplet_pause = 1" });
    const { token } = await pair.invite();
    const form = await openForm(pair, `/invite/${token}/register`);
    const sent = form.send({ username: "slow", password }).catch(() => undefined);
    await pair.prosody.logged("Thinking about slow");
    await pair.couplet.kill();
    assert.equal(await sent, undefined);
    await pair.couplet.restart();
    await eventually(async () => (await pair.look(token)).state === "used");
    assert.equal(await pair.canLogIn("slow", password), true);
    assert.deepEqual((await pair.look(token)).redeemed_by?.map(({ jid }) => jid), ["slow@example.org"]);
    assert.equal((await form.send({ username: "bob", password })).status, 410);
  },
);

onEachProsody(
  "a Prosody that is killed while it makes an account does not cost the invite",
  async (install) => {
    await using pair = await startPair(install, {
      modules: ["test_registrar"],
      toml: '[invites]\nlease = "2s"\n',
    });
    const { token } = await pair.invite();
    const form = await openForm(pair, `/invite/${token}/register`);
    const sent = form.send({ username: "slow", password });
    await pair.prosody.logged("Thinking about slow");
    await pair.prosody.kill();
    const { status, text } = await sent;
    assert.equal(status, 503, text);
    assert.match(text, /did not answer in time/);
    await pair.prosody.restart();
    let last = 0;
    await eventually(async () => (last = (await form.send({ username: "alice", password })).status) === 200)
      .catch(() => assert.equal(last, 200));
    assert.deepEqual([await pair.canLogIn("alice", password), await pair.canLogIn("slow", password)], [
      true,
      false,
    ]);
  },
);

onEachProsody(
  "other modules of Prosody have their say, and know where somebody comes from",
  async (install) => {
    await using pair = await startPair(install, {
      modules: ["register_limits"],
      config: 'min_seconds_between_registrations = 3600; registration_blocklist = { "203.0.113.9" };',
      env: { COUPLET_TRUSTED_PROXIES: "127.0.0.1" },
    });
    const from = (address: string) => ({ "x-forwarded-for": address });
    const [first, second] = [await pair.invite(), await pair.invite()];
    const blocked = await register(pair, first.token, { username: "alice" }, from("203.0.113.9"));
    assert.equal(blocked.status, 403, blocked.text);
    assert.match(blocked.text, /IP address is block/);
    assert.equal((await register(pair, first.token, { username: "alice" }, from("203.0.113.7"))).status, 200);
    const early = await register(pair, second.token, { username: "bob" }, from("203.0.113.7"));
    assert.equal(early.status, 429, early.text);
    assert.equal((await pair.look(second.token)).state, "pending");
    assert.equal((await register(pair, second.token, { username: "bob" }, from("2001:db8::1"))).status, 200);
  },
);

onEachProsody(
  "what is refused, or fails, after a use was held gives it back at once; who takes time is waited for",
  async (install) => {
    await using pair = await startPair(install, { modules: ["test_registrar"] });
    const { token } = await pair.invite();
    const refused = await register(pair, token, { username: "refused" });
    assert.equal(refused.status, 403, refused.text);
    assert.match(refused.text, /Not this one &lt;b>|Not this one &lt;b&gt;/);
    const failed = await register(pair, token, { username: "crash" });
    assert.equal(failed.status, 503, failed.text);
    assert.equal((await register(pair, token, { username: "async" })).status, 200);
    assert.equal((await pair.look(token)).uses, 1);
    for (const name of ["refused", "crash"]) assert.equal(await pair.canLogIn(name, password), false);
    assert.equal(await pair.canLogIn("async", password), true);
  },
);
