import assert from "node:assert/strict";
import { createTestApp } from "../harness.ts";

const scopes = ["invites:create", "invites:read", "invites:reset", "templates:write"];

Deno.test("a template fills in what a request does not say, for one invite and for many", async () => {
  await using app = await createTestApp();
  await app.groups("choir");
  const key = await app.key({ scopes, limits: { groups: ["choir"], roles: [] } });
  const request = { ttl: "3d", groups: ["choir"], note: "from the template", max_uses: 4 };
  const put = () => app.fetch("/v1/invite_templates/choir", { method: "PUT", key, json: request });
  const made = await put();
  assert.equal(made.status, 201);
  const template = await made.json();
  assert.deepEqual(template.request, { ...request, ttl: 259_200 });
  assert.equal((await put()).status, 200);
  assert.deepEqual(await (await app.fetch("/v1/invite_templates/choir", { key })).json(), template);
  assert.deepEqual(await (await app.fetch("/v1/invite_templates", { key })).json(), {
    templates: [template],
  });
  const shown = { ...template.request };
  assert.equal(
    (await app.fetch("/v1/invite_templates/again", { method: "PUT", key, json: shown })).status,
    201,
    "what is shown can be put",
  );

  const json = { template: "choir", note: "my own" };
  const invite = await (await app.fetch("/v1/invites", { method: "POST", key, json })).json();
  assert.deepEqual([invite.groups, invite.note, invite.max_uses], [["choir"], "my own", 4]);
  assert.equal(Date.parse(invite.expires_at) - Date.parse(invite.created_at), 3 * 86_400_000);
  const bulk = await app.fetch("/v1/invites/bulk", { method: "POST", key, json: { ...json, count: 2 } });
  const [one] = (await bulk.text()).split("\n").map((line) => line && JSON.parse(line));
  assert.deepEqual([one.groups, one.note, one.max_uses], [["choir"], "my own", 4]);

  assert.equal((await app.fetch("/v1/invite_templates/choir", { method: "DELETE", key })).status, 204);
  assert.equal((await app.fetch("/v1/invite_templates/choir", { method: "DELETE", key })).status, 404);
  const gone = await app.fetch("/v1/invites", { method: "POST", key, json });
  assert.deepEqual([gone.status, (await gone.json()).errors[0].pointer], [422, "/template"]);
});

Deno.test("a template grants nothing that the key of who uses it does not", async () => {
  await using app = await createTestApp();
  const writer = await app.key({ scopes, limits: { roles: ["prosody:admin"], groups: [] } });
  const put = (name: string, json: unknown) =>
    app.fetch(`/v1/invite_templates/${name}`, { method: "PUT", key: writer, json });
  assert.equal((await put("admins", { roles: ["prosody:admin"] })).status, 201);
  assert.equal((await put("reset", { reset: "admin" })).status, 201);
  const use = async (template: string, path = "/v1/invites", more = {}) =>
    (await app.fetch(path, { method: "POST", key: await app.key(), json: { template, ...more } })).status;
  assert.equal(await use("admins"), 403);
  assert.equal(await use("admins", "/v1/invites/bulk", { count: 1 }), 403);
  assert.equal(await use("reset"), 403, "handing over accounts is a scope of its own");
  assert.equal(await use("reset", "/v1/invites/bulk", { count: 1 }), 422);
});

Deno.test("a template is checked when it is made, and its name with it", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes });
  const put = async (name: string, json: unknown) =>
    (await app.fetch(`/v1/invite_templates/${name}`, { method: "PUT", key, json })).status;
  assert.equal(await put("a", { ttl: 0 }), 422);
  assert.equal(await put("a", { username: "a b" }), 422);
  assert.equal(await put("a", { groop: ["x"] }), 422);
  assert.equal(await put("a", { template: "b" }), 422);
  assert.equal(await put("-a", {}), 422);
  assert.equal(await put("a%20b", {}), 422);
  assert.equal(await put("x".repeat(65), {}), 422);
});

Deno.test("templates without a key 401, without the scope 403, of another host 404", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes });
  await app.fetch("/v1/invite_templates/choir", { method: "PUT", key, json: {} });
  const stranger = await app.key({ scopes, host: "example.net" });
  const nobody = await app.key({ scopes: ["invites:read"] });
  for (const method of ["GET", "PUT", "DELETE"]) {
    const init = { method, ...(method === "PUT" && { json: {} }) };
    const status = async (key: string | undefined, url = "/v1/invite_templates/choir") =>
      (await app.fetch(url, { ...init, ...(key !== undefined && { key }) })).status;
    assert.equal(await status(undefined), 401);
    assert.equal(await status(stranger), 401);
    assert.equal(await status(nobody), 403);
    assert.equal(await status(await app.key()), method === "GET" ? 200 : 403);
    const elsewhere = await status(stranger, "http://example.net/v1/invite_templates/choir");
    assert.equal(elsewhere, method === "GET" ? 404 : method === "PUT" ? 201 : 204, "its own, not ours");
  }
  assert.equal((await app.fetch("/v1/invite_templates/choir", { key })).status, 200);
  assert.equal((await app.fetch("/v1/invite_templates/choir", { key, method: "POST" })).status, 405);
  assert.equal((await app.fetch("/v1/invite_templates", { key, method: "POST" })).status, 405);
});

Deno.test("a template grants nothing that who has written it may not", async () => {
  await using app = await createTestApp();
  await app.groups("board");
  const put = async (json: unknown, scopes: string[], limits = {}) => {
    const key = await app.key({ scopes, limits });
    return (await app.fetch("/v1/invite_templates/welcome", { method: "PUT", key, json })).status;
  };
  const weak = { roles: [], groups: [], uses: 5, ttl: 3_600 };
  assert.equal(await put({ roles: ["prosody:admin"] }, ["templates:write"], weak), 403);
  assert.equal(await put({ groups: ["board"] }, ["templates:write"], weak), 403);
  assert.equal(await put({ max_uses: 6 }, ["templates:write"], weak), 403);
  assert.equal(await put({ ttl: 7_200 }, ["templates:write"], weak), 403);
  assert.equal(await put({ reset: "admin" }, ["templates:write"]), 403);
  assert.equal(await put({ max_uses: 5, ttl: 3_600 }, ["templates:write"], weak), 201);
  assert.equal(await put({ groups: ["board"] }, ["templates:write", "groups:write"], weak), 200);
  assert.equal(await put({ reset: "admin" }, ["templates:write", "invites:reset"]), 200);
});
