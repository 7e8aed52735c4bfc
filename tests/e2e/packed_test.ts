import assert from "node:assert/strict";
import { pack } from "../../src/build/pack.ts";
import { startCouplet } from "./daemon.ts";
import { onEachProsody } from "./each_prosody.ts";
import { conditionOf, connect } from "./xmpp_client.ts";
import { startProsody } from "./prosody_server.ts";

onEachProsody("the self-extracting file does the whole job: from a key to an account", async (install) => {
  const dir = await Deno.makeTempDir({ prefix: "couplet-packed-" });
  try {
    await pack(`${dir}/couplet`);
    const env = { COUPLET_CACHE: `${dir}/cache` };
    const hosts = ["example.org"];
    await using couplet = await startCouplet({
      hosts,
      scratch: install.scratch,
      env,
      program: [`${dir}/couplet`],
    });
    await using prosody = await startProsody(install, { socket: couplet.socket });
    await prosody.logged("Linked to Couplet");
    const key = (await couplet.cli("keys", "create", "example.org")).stdout.trim();
    const made = await fetch(`${couplet.url}/invites_api`, { headers: { authorization: `Bearer ${key}` } });
    const page = made.headers.get("location") ?? "";
    assert.equal((await fetch(page)).status, 200);
    await using client = await connect(prosody.host, prosody.c2sPort);
    assert.equal(conditionOf(await client.preauth(page.split("/").at(-1) ?? "")), undefined);
    assert.equal(conditionOf(await client.register("ann", "a secret")), undefined);
    assert.equal(conditionOf(await client.login("ann", "a secret")), undefined);
    assert.equal((await fetch(page)).status, 410);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
