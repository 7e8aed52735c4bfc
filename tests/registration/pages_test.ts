import assert from "node:assert/strict";
import { Problem } from "../../src/core/problem.ts";
import { languageTags } from "../../src/web/language.ts";
import { createRig, me, password } from "./rig.ts";

Deno.test("a form asks for a name and a password, and looking at it uses nothing up", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  const { status, text, headers } = await rig.open(`/invite/${token}/register`);
  assert.equal(status, 200);
  assert.match(
    text,
    /<input [^>]*id="username"[^>]*autocomplete="username"|autocomplete="username"[^>]*id="username"/,
  );
  assert.match(text, /autocomplete="new-password"/);
  assert.match(text, /@example\.org/);
  assert.match(headers.get("content-security-policy") ?? "", /form-action 'self'/);
  assert.match(headers.get("content-security-policy") ?? "", /script-src 'sha256-[^ ']+';/);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("referrer-policy"), "no-referrer");
  for (let i = 0; i < 3; i++) await rig.open(`/invite/${token}/register`);
  assert.equal((await rig.app.fetch(`/invite/${token}/register`, { method: "HEAD" })).status, 200);
  assert.equal((await rig.app.services.invites.findByToken("example.org", token))?.uses, 0);
  assert.deepEqual(rig.asked, []);
});

Deno.test("a filled-in form makes an account, and says how to sign in without the password", async () => {
  await using rig = await createRig();
  const token = await rig.invite({ contact: "bob", register: true });
  const page = await rig.submit(`/invite/${token}/register`, { username: "Alice@example.org", password });
  assert.equal(page.status, 200);
  assert.deepEqual([...rig.accounts], [["alice@example.org", password]]);
  assert.match(page.text, /<code id="address">alice@example\.org<\/code>/);
  assert.match(page.text, /bob@example\.org/);
  assert.ok(!page.text.includes(password));
  assert.equal(page.headers.get("cache-control"), "no-store");
  const again = await rig.submit(`/invite/${token}/register`, { username: "carl", password });
  assert.equal(again.status, 410);
  assert.match(again.text, /has been used/);
});

Deno.test("an invite for one name shows it, needs it not, and takes no other", async () => {
  await using rig = await createRig();
  const token = await rig.invite({ username: "alice" });
  const form = await rig.open(`/invite/${token}/register`);
  assert.match(form.text, /<input [^>]*readonly[^>]*value="alice"|value="alice"[^>]*readonly/);
  const refused = await form.send({ username: "bob", password });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /for the username alice/);
  assert.match(refused.text, /aria-invalid="true"/);
  assert.deepEqual(rig.asked, []);
  assert.equal((await form.send({ password })).status, 200);
  assert.deepEqual([...rig.accounts.keys()], ["alice@example.org"]);
});

Deno.test("a contact invite that is for one name of this host makes that account", async () => {
  await using rig = await createRig();
  const token = await rig.invite({ contact: "bob", register: true, for: "alice@example.org" });
  const form = await rig.open(`/invite/${token}/register`);
  assert.match(form.text, /The address alice@example\.org is kept for you/);
  assert.equal((await form.send({ username: "carl", password })).status, 403);
  assert.equal((await form.send({ password })).status, 200);
  assert.deepEqual([...rig.accounts.keys()], ["alice@example.org"]);
});

Deno.test("a reset asks for a new password alone, and says that it is set", async () => {
  await using rig = await createRig();
  rig.accounts.set("alice@example.org", "old");
  const token = await rig.invite({ reset: "alice" });
  const form = await rig.open(`/invite/${token}/register`);
  assert.match(form.text, /Choose a new password for alice@example\.org/);
  assert.equal((await form.send({ username: "alice", password: "short" })).status, 422);
  const done = await form.send({ username: "alice", password });
  assert.equal(done.status, 200);
  assert.match(done.text, /Your new password is set/);
  assert.equal(rig.accounts.get("alice@example.org"), password);
  assert.equal((await form.send({ username: "alice", password: "another of mine" })).status, 410);
  assert.equal(rig.accounts.get("alice@example.org"), password);
});

Deno.test("every mistake is marked where it is, with what was typed but for passwords, and the invite stays good", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  await rig.invite({ username: "kept" });
  rig.accounts.set("taken@example.org", "x");
  const form = await rig.open(`/invite/${token}/register`);
  const secret = "zq secret zq";
  const cases: [Record<string, string>, number, RegExp][] = [
    [{}, 422, /Choose a username\..*Choose a password\./s],
    [{ username: "alice" }, 422, /Choose a password\./],
    [{ username: "a b", password: secret }, 422, /no spaces/],
    [{ username: "a@example.net", password: secret }, 422, /Accounts are created on example\.org/],
    [{ username: '"><script>', password: secret }, 422, /no spaces/],
    [{ username: "alice", password: "zq secret" }, 422, /at least 10 characters/],
    [{ username: "secret", password: secret }, 422, /must not contain your username/],
    [{ username: "alice", password: `${secret} example.org` }, 422, /must not contain example\.org/],
    [{ username: "alice", password: secret, repeat: "zq else zq" }, 422, /The two passwords differ/],
    [{ username: "taken", password: secret }, 409, /is taken/],
    [{ username: "kept", password: secret }, 409, /is kept for somebody else/],
  ];
  for (const [fields, status, words] of cases) {
    const page = await form.send(fields);
    assert.equal(page.status, status, JSON.stringify(fields));
    assert.match(page.text, words, JSON.stringify(fields));
    assert.match(page.text, /aria-invalid="true"/);
    assert.match(page.text, /role="alert"/);
    assert.ok(!page.text.includes("zq "), "a password was echoed");
    assert.ok(!page.text.includes('"><script>'));
    if (fields.username === "taken") assert.match(page.text, /value="taken"/);
  }
  assert.equal((await form.send({ username: "alice", password })).status, 200);
});

Deno.test("a form without its proof is refused with 403, kept, and can be sent again from the page it gets", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  const path = `/invite/${token}/register`;
  const form = await rig.open(path);
  const other = await rig.open(`/invite/${await rig.invite()}/register`);
  const cases: [Record<string, string>, Record<string, string>][] = [
    [{ proof: "" }, {}],
    [{ proof: other.hidden.proof ?? "" }, {}],
    [{}, { cookie: "" }],
    [{}, { "sec-fetch-site": "cross-site" }],
    [{}, { origin: "https://evil.example" }],
  ];
  for (const [fields, headers] of cases) {
    const page = await form.send({ username: "alice", password, ...fields }, { headers });
    assert.equal(page.status, 403, JSON.stringify([fields, headers]));
    assert.match(page.text, /value="alice"/);
    assert.ok(!page.text.includes(password));
    assert.match(page.text, /name="proof"/);
  }
  assert.deepEqual(rig.asked, []);
  rig.app.advance(13 * 3_600_000);
  const late = await form.send({ username: "alice", password });
  assert.equal(late.status, 403);
  const proof = /name="proof" value="([^"]*)"/.exec(late.text)?.[1] ?? "";
  assert.equal((await form.send({ username: "alice", password, proof })).status, 200);
});

Deno.test("dead invites have no form: the page says why, with the status of the landing page", async () => {
  await using rig = await createRig();
  const revoked = await rig.invite();
  const form = await rig.open(`/invite/${revoked}/register`);
  await rig.app.services.invites.revoke(me, revoked);
  const [expired, contact] = [await rig.invite({ ttl: 1_000 }), await rig.invite({ contact: "bob" })];
  rig.app.advance(1_000);
  const cases: [string, number][] = [[revoked, 410], [expired, 410], ["unknown", 404], ["%ff", 404], [
    contact,
    200,
  ]];
  for (const [token, status] of cases) {
    for (const path of [`/invite/${token}/register`, `/register?t=${token}`]) {
      const page = await rig.open(path);
      assert.equal(page.status, status, path);
      assert.doesNotMatch(page.text, /type="password"/, path);
      assert.equal(page.headers.get("set-cookie"), null);
      assert.equal((await page.send({ username: "alice", password })).status, status, path);
    }
  }
  assert.equal((await form.send({ username: "alice", password })).status, 410);
  assert.equal((await rig.open("/register")).status, 404);
  assert.deepEqual(rig.asked, []);
});

Deno.test("an invite of one host is none of another's", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  const elsewhere = `http://example.net/invite/${token}/register`;
  assert.equal((await rig.open(elsewhere)).status, 404);
  assert.equal((await rig.post(elsewhere, { username: "alice", password })).status, 404);
  assert.deepEqual(rig.asked, []);
});

Deno.test("what Prosody cannot do is said as it is, and the form can be sent again", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  const form = await rig.open(`/invite/${token}/register`);
  const doubt = new Problem("in-doubt", "?", [], { retryAfter: 120 });
  const cases: [typeof rig.answer, number, RegExp, string | null][] = [
    [new Problem("store-unavailable", "Gone."), 503, /cannot be done just now/, "5"],
    [doubt, 503, /did not answer in time/, "120"],
    [{ is: "failed" }, 503, /cannot be done just now/, "5"],
    [{ is: "bad-username" }, 422, /no spaces/, null],
    [{ is: "bad-password" }, 422, /cannot be typed everywhere/, null],
    [{ is: "refused", text: "<i>No</i>" }, 403, /&lt;i&gt;No/, null],
    [{ is: "refused-for-now", text: "Later" }, 429, /60 seconds/, "60"],
    [{ is: "no-invite" }, 409, /is using this invite just now/, null],
    [new Problem("invite-spent", "Somebody is"), 409, /is using this invite just now/, null],
  ];
  for (const [answer, status, words, retryAfter] of cases) {
    rig.answer = answer;
    const page = await form.send({ username: "alice", password });
    assert.equal(page.status, status, JSON.stringify(answer));
    assert.match(page.text, words);
    assert.equal(page.headers.get("retry-after"), retryAfter);
    assert.equal(page.text.includes("Nothing is lost"), answer !== doubt);
  }
  rig.answer = undefined;
  assert.equal((await form.send({ username: "alice", password })).status, 200);
});

Deno.test("links and forms of mod_invites_register_web work, with its names of fields", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  const form = await rig.open(`/register?t=${token}&c=dino`);
  assert.deepEqual([form.status, form.hidden.token, form.hidden.app_id], [200, token, "dino"]);
  const { app_id: _, ...hidden } = form.hidden;
  const bad = await rig.app.fetch("/register", {
    method: "POST",
    body: new URLSearchParams({ ...hidden, user: "alice", password: "x" }),
    headers: { cookie: form.cookie },
  });
  assert.equal(bad.status, 422);
  assert.match(await bad.text(), new RegExp(`name="token" value="${token}"`));
  const done = await rig.app.fetch("/register", {
    method: "POST",
    body: new URLSearchParams({ ...hidden, user: "alice", password, app_id: "no-such-app" }),
    headers: { cookie: form.cookie },
  });
  assert.equal(done.status, 200);
  assert.ok(rig.accounts.has("alice@example.org"));
});

Deno.test("pages are in the visitor's language, mistakes and all, and lead to the others", async () => {
  await using rig = await createRig();
  const [token, kept] = [
    await rig.invite({ contact: "bob", register: true }),
    await rig.invite({ username: "kept" }),
  ];
  const seen = new Set<string>();
  for (const lang of languageTags) {
    const path = `/register?t=${token}&lang=${lang}`;
    const form = await rig.open(path);
    assert.match(form.text, new RegExp(`<html lang="${lang}"`));
    for (const other of languageTags) assert.ok(form.text.includes(`?t=${token}&amp;lang=${other}"`), other);
    const page = await form.send({ username: "a b", password: "short" });
    assert.match(page.text, new RegExp(`<html lang="${lang}"`));
    assert.doesNotMatch(page.text.replace(/<script>.*<\/script>/s, ""), /undefined|\[object|=>/);
    seen.add(/<h1>([^<]*)/.exec(page.text)?.[1] ?? "");
    const mine = await rig.open(`/invite/${kept}/register`, { headers: { "accept-language": lang } });
    assert.match(mine.text, new RegExp(`<html lang="${lang}"`));
    const dead = await rig.open(`/invite/nope/register?lang=${lang}`);
    assert.equal(dead.status, 404);
  }
  assert.equal(seen.size, languageTags.length);
});

Deno.test("where a host does not offer it, there is the landing page and nothing else", async () => {
  await using rig = await createRig({ toml: "[registration]\nweb = false\n" });
  const token = await rig.invite();
  const page = await rig.open(`/invite/${token}/register`);
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /type="password"/);
  assert.equal((await rig.post(`/invite/${token}/register`, { username: "alice", password })).status, 404);
  assert.equal((await rig.app.fetch(`/register_api/invite/${token}`)).status, 404);
  assert.deepEqual(rig.asked, []);
});
