import assert from "node:assert/strict";
import { isSecret } from "../../src/core/token.ts";
import { createTestApp } from "../harness.ts";

const day = 86_400_000;

Deno.test("a key is an ID and a secret that scanners can find, and only the secret's hash is kept", async () => {
  await using app = await createTestApp();
  const { id, key } = await app.services.keys.create("example.org", { name: "portal" });
  const secret = key.slice(id.length + 1);
  assert.match(key, /^[\w-]{8,12}\/cplt_[0-9A-Za-z]{36}$/);
  assert.ok(isSecret(secret));
  for await (const file of Deno.readDir(app.dir)) {
    const bytes = await Deno.readFile(`${app.dir}/${file.name}`);
    assert.ok(!new TextDecoder("latin1").decode(bytes).includes(secret.slice(5)), file.name);
  }
});

Deno.test("a key of one host is nothing on another", async () => {
  await using app = await createTestApp();
  const { key } = await app.services.keys.create("example.org", {});
  assert.equal((await app.services.keys.authenticate("example.org", key))?.host, "example.org");
  assert.equal(await app.services.keys.authenticate("example.net", key), undefined);
});

Deno.test("keys that are malformed, cut off, of somebody else or of any bytes are nobody's", async () => {
  await using app = await createTestApp();
  const { keys } = app.services;
  const [mine, other] = [await keys.create("example.org", {}), await keys.create("example.org", {})];
  const secret = mine.key.split("/")[1] ?? "";
  const tries = [
    "",
    "/",
    mine.id,
    `${mine.id}/`,
    `/${secret}`,
    mine.key.slice(0, -1),
    mine.key + "0",
    `${mine.key}/x`,
  ];
  tries.push(
    `${other.id}/${secret}`,
    `${mine.id}/${secret.toLowerCase()}`,
    "\0".repeat(99),
    "x".repeat(1e6),
    `${mine.id}/ü`,
  );
  tries.push(`${mine.id}'--/${secret}`, ` ${mine.key}`, `${mine.key} `);
  for (const attempt of tries) {
    assert.equal(await keys.authenticate("example.org", attempt), undefined, attempt.slice(0, 50));
  }
  assert.ok(await keys.authenticate("example.org", mine.key));
});

Deno.test("a deleted key ends at once, also when another process deleted it", async () => {
  await using app = await createTestApp();
  const { keys } = app.services;
  const [one, two] = [await keys.create("example.org", {}), await keys.create("example.org", {})];
  for (const { key } of [one, two]) assert.ok(await keys.authenticate("example.org", key));
  await keys.delete("example.org", one.id);
  await new Promise((resolve) => setTimeout(resolve, 2)); // what is remembered is 1 ms old at most
  assert.equal(await keys.authenticate("example.org", one.key), undefined);
  assert.ok(await keys.authenticate("example.org", two.key));
  await assert.rejects(keys.delete("example.org", one.id), { code: "not-found" });
});

Deno.test("a key expires at its time, and one without a lifetime does not", async () => {
  await using app = await createTestApp();
  const { keys } = app.services;
  const [short, long] = [
    await keys.create("example.org", { lifetime: day }),
    await keys.create("example.org", {}),
  ];
  assert.ok(await keys.authenticate("example.org", short.key));
  app.advance(day);
  assert.equal(await keys.authenticate("example.org", short.key), undefined);
  assert.ok(await keys.authenticate("example.org", long.key));
});

Deno.test("rotating gives a new secret and ends the old one, with scopes, limits and lifetime kept", async () => {
  await using app = await createTestApp();
  const { keys } = app.services;
  const old = await keys.create("example.org", {
    scopes: ["invites:read"],
    limits: { uses: 3 },
    lifetime: day,
  });
  app.advance(day / 2);
  const fresh = await keys.rotate("example.org", old.id);
  assert.equal(fresh.id, old.id);
  assert.equal(fresh.expires_at, app.now() + day);
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(await keys.authenticate("example.org", old.key), undefined);
  const actor = await keys.authenticate("example.org", fresh.key);
  assert.deepEqual(actor?.scopes, ["invites:read"]);
  assert.equal(actor?.limits.uses, 3);
});

Deno.test("the last use is kept, to the hour", async () => {
  await using app = await createTestApp();
  const { keys } = app.services;
  const { key } = await keys.create("example.org", {});
  app.advance(1_234_567);
  await keys.authenticate("example.org", key);
  await app.database.write(() => Promise.resolve());
  assert.equal((await keys.list("example.org"))[0]?.last_used_at, app.now() - app.now() % 3_600_000);
});

Deno.test("names with tabs or newlines, unknown scopes and unknown hosts are refused, naming what is wrong", async () => {
  await using app = await createTestApp();
  const { keys } = app.services;
  for (const name of ["a\tb", "a\nb", "\0", "x".repeat(201), "\ud800"]) {
    await assert.rejects(keys.create("example.org", { name }), { code: "invalid" });
  }
  await assert.rejects(
    keys.create("example.org", { scopes: ["invites:all"] }),
    /invites:all.*invites:create/s,
  );
  await assert.rejects(keys.create("nosuch.example", {}), { code: "unknown-host" });
  assert.equal((await keys.list("EXAMPLE.ORG")).length, 0);
});
