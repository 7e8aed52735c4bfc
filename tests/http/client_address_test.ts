import assert from "node:assert/strict";
import { Hono } from "hono";
import { clientAddress, findSender, proxiesOf } from "../../src/http/client_address.ts";
import type { HttpEnv, Peer } from "../../src/http/env.ts";
import { createHttp } from "../../src/http/server.ts";
import { listenHttp } from "../../src/serve.ts";

const unix: Peer = { remoteAddr: { transport: "unix", path: "/run/couplet/http.sock" } };
const tcp = (hostname: string): Peer => ({ remoteAddr: { transport: "tcp", hostname, port: 50_000 } });
const find = (proxies: string[], peer: string | Peer | undefined, forwarded?: string) =>
  findSender(typeof peer === "string" ? tcp(peer) : peer, forwarded, proxiesOf(proxies));

Deno.test("nobody is believed who was not named", () => {
  assert.equal(find([], "192.0.2.7", "198.51.100.1"), "192.0.2.7");
  assert.equal(find(["10.0.0.0/8", "unix"], "192.0.2.7", "198.51.100.1"), "192.0.2.7");
  assert.equal(find([], "10.0.0.1", "198.51.100.1"), "10.0.0.1");
  assert.equal(find([], "2001:db8::1", "198.51.100.1"), "2001:db8::/64");
});

Deno.test("what may be a proxy and was not named is not counted as one sender", () => {
  for (const peer of ["127.0.0.1", "::1", "::ffff:127.0.0.1", unix, undefined, {}]) {
    assert.equal(find([], peer, "198.51.100.1"), undefined, JSON.stringify(peer));
  }
});

Deno.test("a trusted proxy tells who sent it, on a Unix socket too", () => {
  for (
    const [proxies, peer] of [
      [["127.0.0.1"], "127.0.0.1"],
      [["127.0.0.1"], "::ffff:127.0.0.1"],
      [["::1"], "::1"],
      [["unix"], unix],
      [["172.16.0.0/12"], "172.17.0.1"],
    ] as const
  ) {
    assert.equal(find([...proxies], peer, "198.51.100.1"), "198.51.100.1");
    assert.equal(find([...proxies], peer, "2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  }
});

Deno.test("what the client wrote itself stands further left, and is not reached", () => {
  const proxies = ["127.0.0.1", "10.0.0.0/8"];
  assert.equal(find(proxies, "127.0.0.1", "203.0.113.9, 198.51.100.1"), "198.51.100.1");
  assert.equal(find(proxies, "127.0.0.1", "203.0.113.9,198.51.100.1 ,\t10.0.0.5"), "198.51.100.1");
  assert.equal(find(proxies, "127.0.0.1", "10.0.0.1, 198.51.100.1, 10.0.0.5, 127.0.0.1"), "198.51.100.1");
});

Deno.test("a trusted proxy that says nothing of use makes nobody known, least of all whom the client names", () => {
  for (
    const header of [
      undefined,
      "",
      ",",
      "198.51.100.1,",
      "198.51.100.1, unknown",
      "198.51.100.1, unix:",
      "198.51.100.1, 127.0.0.2",
      "127.0.0.1",
      "10.0.0.1, 127.0.0.1",
      'for="198.51.100.1"',
      "198.51.100.1 198.51.100.2",
      "\u0000",
      "127.0.0.1,".repeat(20_000),
    ]
  ) assert.equal(find(["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", header), undefined, header?.slice(0, 40));
});

const echo = (proxies: string[]) =>
  createHttp({ hostOf: () => "example.org", bodies: [], proxies, system: new Hono<HttpEnv>() })
    .get("/", (c) => c.text(String(clientAddress(c))));

Deno.test("the server hands in who connected, by TCP and by a Unix socket", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/http.sock`;
  const { fetch } = echo(["127.0.0.1", "unix"]);
  const [onTcp, onUnix] = [listenHttp("127.0.0.1:0", fetch), listenHttp(`unix:${path}`, fetch)];
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const ask = async (url: string, init: RequestInit & { client?: Deno.HttpClient }) =>
    await (await globalThis.fetch(url, init)).text();
  try {
    const headers = [["x-forwarded-for", "203.0.113.9"], ["x-forwarded-for", "198.51.100.1"]] as [
      string,
      string,
    ][];
    assert.equal(await ask(onTcp.url, { headers }), "198.51.100.1");
    assert.equal(await ask(onTcp.url, {}), "undefined");
    assert.equal(await ask("http://example.org/", { headers, client }), "198.51.100.1");
  } finally {
    client.close();
    await Promise.all([onTcp.shutdown(), onUnix.shutdown()]);
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("an app that is asked without a connection knows no sender", async () => {
  assert.equal(await (await echo([]).request("http://example.org/")).text(), "undefined");
});
