import assert from "node:assert/strict";
import { createApp } from "../../src/app.ts";
import { operator, scopes } from "../../src/core/actor.ts";
import { createTestApp, type TestApp } from "../harness.ts";

const me = operator("example.org");

/** Every address with a method that needs a key, filled in with things that there are on example.org. */
async function routesOf(app: TestApp): Promise<[method: string, path: string][]> {
  const { services } = app;
  await app.groups("choir");
  const { id: invite, token } = await services.invites.create(me, { contact: "ann" });
  const { campaign, invites } = await services.campaigns.begin(me, { count: 2, invite: {} }, 10);
  for await (const _ of invites);
  await services.templates.put(me, "usual", {});
  const { id: webhook } = await services.webhooks.create(me, {
    url: "https://93.184.215.14/",
    events: ["*"],
  });
  await services.joining.ask("example.org", { name: "Eve", username: "", reach: "", message: "" }, undefined);
  const [request] = (await services.joining.list(me, { limit: 1 })).requests;
  const known: readonly (readonly [start: string, id: string])[] = [
    ...[["/v1/invites/", invite], ["/v1/campaigns/", campaign.id], ["/v1/groups/", "choir"]] as const,
    ...[["/v1/invite_templates/", "usual"], ["/v1/webhooks/", webhook]] as const,
    ...[["/v1/join_requests/", request!.id], ["/admin_api/invites/", token]] as const,
    ...[["/admin_api/groups/", "choir"]] as const,
  ];
  const all = createApp(services, () => Promise.resolve(true)).routes
    .filter(({ method, path }) => method !== "ALL" && /^\/(v1|admin_api)\//.test(path) && !path.includes("*"))
    .map(({ method, path }): [string, string] => {
      const id = known.find(([start]) => path.startsWith(start))?.[1];
      const filled = id === undefined ? path : path.replace(/:(invite|id|group|name)(?=\/|$)/, id);
      return [method, filled.replace(/:(\w+)(\{.*\})?\??/g, "1")];
    });
  return [...new Map(all.map((one) => [one.join(" "), one])).values()];
}

const send = (app: TestApp, method: string, url: string, key?: string) =>
  app.fetch(url, {
    method,
    ...(key !== undefined && { key }),
    ...(method !== "GET" && method !== "DELETE" && { json: {} }),
  });

Deno.test("no address under /v1 and /admin_api lets anybody in without a key of the host and a scope", async () => {
  await using app = await createTestApp({ toml: "campaigns.join_requests = true" });
  const routes = await routesOf(app);
  assert.ok(routes.length > 60, `${routes.length} routes`);
  const keys = {
    none: undefined,
    strangers: await app.key({ scopes: [...scopes], host: "example.net" }),
    powerless: await app.key({ scopes: [] }),
  };
  for (const [method, path] of routes) {
    for (const [whose, key] of Object.entries(keys)) {
      const response = await send(app, method, path, key);
      await response.body?.cancel();
      const fits = whose === "powerless" ? [400, 403, 415, 422] : [401];
      assert.ok(fits.includes(response.status), `${method} ${path}, ${whose} key: ${response.status}`);
    }
  }
});

Deno.test("a mighty key of another host finds nothing of this one's, and changes nothing of it", async () => {
  await using app = await createTestApp({ toml: "campaigns.join_requests = true" });
  const routes = await routesOf(app);
  const key = await app.key({ scopes: [...scopes], host: "example.net" });
  const { invites, campaigns, templates, webhooks, joining, groups } = app.services;
  const all = async () => [
    await invites.list(me, { limit: 200 }),
    ...[await campaigns.list(me, { limit: 9 }), await templates.list(me), await webhooks.list(me)],
    ...[await joining.list(me, { limit: 9 }), await groups.list(me, { limit: 9 })],
  ];
  const before = JSON.stringify(await all());
  for (const [method, path] of routes) {
    const response = await send(app, method, `http://example.net${path}`, key);
    const text = await response.text();
    assert.ok(!text.includes('"host":"example.org"'), `${method} ${path}: ${text}`);
    assert.notEqual(response.status, 500, `${method} ${path}`);
  }
  assert.equal(JSON.stringify(await all()), before);
});
