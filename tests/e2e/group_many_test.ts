import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";
import { host, pushOf, startStage } from "./roster_rig.ts";
import { conditionOf, xml, type XmppClient } from "./xmpp_client.ts";

const members = Number(Deno.env.get("COUPLET_TEST_GROUP") ?? 40); // all of them online

/** How long somebody's ping takes, ms. */
async function ping(client: XmppClient): Promise<number> {
  const start = performance.now();
  await client.iq("get", host, xml("ping", { xmlns: "urn:xmpp:ping" }));
  return performance.now() - start;
}

onEachProsody("all of a large group, online, see somebody new, and nobody is held up", async (install) => {
  await using stage = await startStage(install);
  await using stack = new AsyncDisposableStack();
  const names = Array.from({ length: members }, (_, i) => `u${i}`);
  await stage.accounts(...names, "aside");
  await stage.change("POST", "/groups", { id: "all", name: "All of us" });
  const began = performance.now();
  for (const name of names) await stage.change("PUT", `/groups/all/members/${name}`);
  const filled = performance.now() - began;
  await eventually(() => stage.dealtWith().then(() => true, () => false), 240_000); // members² pushes
  const aside = await stage.online("aside");
  const clients: XmppClient[] = [];
  for (const name of names) clients.push(stack.use(await stage.online(name)));
  for (const client of clients) await client.rest();

  const { token } = await stage.pair.invite({ groups: ["all"] });
  await using guest = await stage.pair.guest(token);
  const start = performance.now();
  const seen = Promise.all(clients.map(async (client) => {
    await client.next((stanza) => pushOf(stanza)?.jid === `fresh@${host}`, 60_000);
    return performance.now() - start;
  }));
  assert.equal(conditionOf(await guest.register("fresh", "a secret")), undefined);
  const registered = performance.now() - start;
  let slowest = 0;
  let isDone = false;
  const pings = (async () => {
    while (!isDone) slowest = Math.max(slowest, await ping(aside));
  })();
  const times = await seen;
  isDone = true;
  await pings;
  const last = Math.max(...times);
  await using fresh = await stage.pair.user("fresh");
  assert.equal(Object.keys(await fresh.roster()).length, members);
  await fresh.sendPresence();
  await eventually(() =>
    stage.heard(clients.at(-1)!).then(([lines]) => lines!.includes(`available ${fresh.jid}`))
  );
  if (Deno.env.has("COUPLET_TEST_GROUP")) {
    // deno-lint-ignore no-console -- a figure for who asked for it
    console.log(
      `${install.version}: ${members} joined in ${
        filled.toFixed(0)
      } ms; all online: a registration into the group took ` +
        `${registered.toFixed(0)} ms, the last member saw it after ${last.toFixed(0)} ms, ` +
        `somebody else's ping took ${slowest.toFixed(0)} ms at most`,
    );
  }
  assert.ok(last < 10_000 && slowest < 3_000, `${last} ms, ${slowest} ms`);
});
