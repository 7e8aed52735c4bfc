import assert from "node:assert/strict";
import { createApp } from "../../src/app.ts";
import { createTestApp } from "../harness.ts";

Deno.test("docs/install.md has every web server pass every path that is not for the machine itself", async () => {
  await using app = await createTestApp();
  const page = await Deno.readTextFile("docs/install.md");
  const { routes } = createApp(app.services, () => Promise.resolve(true));
  const first = new Set(routes.map(({ path }) => path.split("/")[1] ?? ""));
  for (const own of ["", "*", "livez", "readyz"]) first.delete(own);
  assert.ok(first.has("invite") && first.has("v1"), [...first].join());
  const servers = page.split("\n").filter((line) =>
    /^(location ~|\t@couplet path|ProxyPassMatch|SetEnvIf)/.test(line)
  );
  assert.equal(servers.length, 4);
  for (const name of first) {
    assert.ok(page.includes(`\`/${name}`), name);
    for (const line of servers) assert.match(line, new RegExp(`[ /(|]${name}\\b`), line);
  }
});
