import assert from "node:assert/strict";
import { startCouplet } from "./daemon.ts";
import { onEachProsody } from "./each_prosody.ts";
import { startPair } from "./pair.ts";
import { conditionOf, xml } from "./xmpp_client.ts";

Deno.test("a flood of connections that takes all file descriptors leaves the daemon alive and serving", async () => {
  const limited = ["sh", "-c", 'ulimit -n 120; exec "$0" "$@"', Deno.execPath()];
  const program = [...limited, "run", "--frozen", "--allow-all", "main.ts"];
  await using couplet = await startCouplet({ hosts: ["example.org"], program });
  const { hostname, port } = new URL(couplet.url);
  const flood = await Promise.all(Array.from({ length: 150 }, async () => {
    const peer = await Deno.connect({ hostname, port: Number(port) }).catch(() => undefined); // some are turned away
    await peer?.write(new TextEncoder().encode("GET / HTTP/1.1\r\n")).catch(() => {});
    return peer;
  }));
  await couplet.logged("HTTP could not take a connection");
  for (const peer of flood) peer?.close();
  for (let tries = 0;; tries++) {
    const answer = await fetch(`${couplet.url}/livez`).then((response) => response.text(), () => "");
    if (answer === "ok\n") break;
    assert.ok(tries < 100, "it did not come back");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

onEachProsody("a token that is far too long disturbs nobody else's registration", async (install) => {
  if (install.series !== "0.12") return; // 13 reads so much from a client only over half a minute
  await using pair = await startPair(install);
  const invite = await pair.invite();
  await pair.account("mallory");
  await using mallory = await pair.user("mallory");
  // Within Prosody's limit as it stands, six times as long once each apostrophe is escaped.
  const token = `"${"'".repeat(200_000)}"`;
  const raw =
    `<presence type="subscribe" to="nobody@example.org"><preauth xmlns="urn:xmpp:pars:0" token=${token}/></presence>`;
  mallory.send(Object.assign(xml("presence"), { toString: () => raw }));
  await mallory.roster(); // what was sent before it has been dealt with
  await using guest = await pair.guest(invite.token);
  assert.equal(conditionOf(await guest.register("bob", "a secret")), undefined);
});

onEachProsody("a token with line breaks in it disturbs nobody else's registration", async (install) => {
  await using pair = await startPair(install);
  const invite = await pair.invite();
  await using stranger = await pair.stream();
  const raw =
    '<iq type="set" id="raw" to="example.org"><preauth xmlns="urn:xmpp:pars:0" token="a&#10;b&#13;c"/></iq>';
  stranger.send(Object.assign(xml("iq"), { toString: () => raw }));
  const answer = await stranger.next(({ attrs }) => attrs.id === "raw");
  assert.equal(conditionOf(answer), "forbidden");
  await using guest = await pair.guest(invite.token);
  assert.equal(conditionOf(await guest.register("bob", "a secret")), undefined);
});
