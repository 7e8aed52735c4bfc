import assert from "node:assert/strict";
import { Problem } from "../../src/core/problem.ts";
import { createRig, password } from "./rig.ts";

Deno.test("programs send JSON to the same address, and get JSON or a problem", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  const path = `/invite/${token}/register`;
  const weak = await rig.post(path, { username: "a b", password: "short" });
  assert.equal(weak.status, 422);
  assert.equal(weak.headers.get("content-type"), "application/problem+json");
  const { errors } = await weak.json();
  assert.deepEqual(errors.map(({ pointer }: { pointer: string }) => pointer), ["/username", "/password"]);
  const done = await rig.post(path, { username: "Alice", password });
  assert.deepEqual([done.status, await done.json()], [201, { jid: "alice@example.org" }]);
  assert.equal((await rig.post(path, { username: "bob", password })).status, 410);
  assert.equal((await rig.post("/invite/nope/register", { username: "bob", password })).status, 404);
  const reset = await rig.invite({ reset: "alice" });
  const set = await rig.post(`/register?t=${reset}`, { password: "another of mine" });
  assert.deepEqual([set.status, await set.json()], [200, { jid: "alice@example.org" }]);
});

Deno.test("JSON is refused from another site's page, with unknown members, and of another type", async () => {
  await using rig = await createRig();
  const path = `/invite/${await rig.invite()}/register`;
  const body = { username: "alice", password };
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]) {
    assert.equal((await rig.post(path, body, { headers: headers as Record<string, string> })).status, 403);
  }
  assert.equal((await rig.post(path, { ...body, role: "admin" })).status, 422);
  for (const wrong of [[], null, "x", { username: 5, password }, { username: "alice" }]) {
    assert.equal((await rig.post(path, wrong)).status, 422, JSON.stringify(wrong));
  }
  const raw = (type: string, text: string) =>
    rig.app.fetch(path, { method: "POST", body: text, headers: { "content-type": type } });
  assert.equal((await raw("application/json", "{bad")).status, 400);
  assert.equal((await raw("text/plain", JSON.stringify(body))).status, 415);
  assert.equal((await raw("multipart/form-data; boundary=x", "--x--")).status, 415);
  for (const method of ["PUT", "DELETE", "PATCH"]) {
    const refused = await rig.app.fetch(path, { method });
    assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD, POST"], method);
  }
  assert.deepEqual(rig.asked, []);
});

Deno.test("who keeps guessing tokens or names has to wait, and nobody else has", async () => {
  await using rig = await createRig();
  const token = await rig.invite();
  const path = `/invite/${token}/register`;
  const from = "203.0.113.7";
  rig.accounts.set("taken@example.org", "x");
  for (let i = 0; i < 10; i++) {
    assert.equal((await rig.post(path, { username: "taken", password }, { from })).status, 409);
  }
  const refused = await rig.post(path, { username: "alice", password }, { from });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  const page = await (await rig.open(path, { from })).send({ username: "alice", password });
  assert.equal(page.status, 429);
  assert.match(page.text, /went wrong too often/);
  for (let i = 0; i < 20; i++) {
    assert.equal(
      (await rig.post(`/invite/nope${i}/register`, { username: "a", password }, { from })).status,
      404,
    );
  }
  const other = `/invite/${await rig.invite()}/register`;
  assert.equal((await rig.post(other, { username: "alice", password }, { from })).status, 429);
  assert.equal((await rig.post(other, { username: "alice", password }, { from: "203.0.113.8" })).status, 201);
  rig.app.advance(10 * 60_000);
  assert.equal((await rig.post(path, { username: "bob", password }, { from })).status, 201);
});

Deno.test("who guesses at names with an invite for many keeps none of the many out", async () => {
  await using rig = await createRig();
  const path = `/invite/${await rig.invite({ max_uses: null })}/register`;
  rig.accounts.set("taken@example.org", "x");
  for (let i = 0; i < 40; i++) {
    await rig.post(path, { username: "taken", password }, { from: "203.0.113.7" });
  }
  assert.equal((await rig.post(path, { username: "eve", password }, { from: "203.0.113.7" })).status, 429);
  assert.equal((await rig.post(path, { username: "bob", password }, { from: "203.0.113.8" })).status, 201);
});

Deno.test("mistakes in a form are no guesses: whoever makes twenty of them can still register", async () => {
  await using rig = await createRig();
  const path = `/invite/${await rig.invite()}/register`;
  const from = "203.0.113.7";
  for (let i = 0; i < 40; i++) {
    assert.equal((await rig.post(path, { username: "alice", password: "short" }, { from })).status, 422);
  }
  assert.equal((await rig.post(path, { username: "alice", password }, { from })).status, 201);
});

Deno.test("Prosody hashes two passwords of a host at a time, and is not sent what would wait behind a hundred", async () => {
  await using rig = await createRig();
  const token = await rig.invite({ max_uses: 200 });
  let [inside, most] = [0, 0];
  const { promise, resolve } = Promise.withResolvers<void>();
  const two = Promise.withResolvers<void>();
  rig.think = async () => {
    most = Math.max(most, ++inside);
    if (inside === 2) two.resolve();
    await promise;
    inside--;
  };
  const sent = Array.from(
    { length: 110 },
    (_, i) => rig.post(`/invite/${token}/register`, { username: `user${i}`, password }),
  );
  const first = await Promise.race(sent); // the first that is answered is one that found no room
  assert.equal(first.status, 503);
  await two.promise;
  resolve();
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  assert.equal(most, 2);
  assert.equal(statuses.filter((status) => status === 201).length, 102);
  assert.equal(statuses.filter((status) => status === 503).length, 8);
});

Deno.test("the address of who registers goes along as modules of Prosody can read it", async () => {
  await using rig = await createRig();
  const token = await rig.invite({ max_uses: 3 });
  const addresses = ["203.0.113.7", "2001:db8::5", "127.0.0.1"];
  for (const [i, from] of addresses.entries()) {
    await rig.post(`/invite/${token}/register`, { username: `user${i}`, password }, { from });
  }
  assert.deepEqual(rig.asked.map(({ address }) => address), ["203.0.113.7", "2001:db8::", undefined]);
});

Deno.test("what is wrong here and not with the visitor is an error of ours, and says nothing of passwords", async () => {
  await using rig = await createRig();
  rig.answer = new Problem("not-implemented", "Prosody could not do this.");
  const answer = await rig.post(`/invite/${await rig.invite()}/register`, { username: "alice", password });
  assert.equal(answer.status, 501);
  assert.ok(!(await answer.text()).includes(password));
});
