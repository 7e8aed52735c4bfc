import assert from "node:assert/strict";
import { readConfig } from "../../src/config.ts";
import { createHosts } from "../../src/hosts/hosts.ts";

const names = (...served: { domain: string; public_url?: string }[]) =>
  createHosts(served.map((host) => ({ ...host, own: {} })), {
    url: () => "http://default",
    settings: readConfig({ env: {} }),
  });

Deno.test("an HTTP request means the host of its name, else the one whose public URL has it", () => {
  const hosts = names({ domain: "example.com", public_url: "https://chat.example.com" }, {
    domain: "example.org",
  });
  for (
    const [authority, domain] of [
      ["example.com", "example.com"],
      ["EXAMPLE.com:8080", "example.com"],
      ["example.org.", "example.org"],
      ["chat.example.com", "example.com"],
      ["Chat.Example.COM:443", "example.com"],
    ] as const
  ) assert.equal(hosts.byAuthority(authority).domain, domain, authority);
  for (
    const authority of [
      "",
      "nosuch",
      "127.0.0.1:5290",
      "chat.example.org",
      "example.com.evil",
      "evil-example.com",
    ]
  ) {
    assert.throws(() => hosts.byAuthority(authority), { code: "unknown-host" }, authority);
  }
});

Deno.test("a name of a host wins over another host's public URL", () => {
  const hosts = names({ domain: "a.example", public_url: "https://b.example" }, { domain: "b.example" });
  assert.equal(hosts.byAuthority("b.example").domain, "b.example");
});

Deno.test("the only host served is meant by any name, and has the default URL unless it has its own", () => {
  const hosts = names({ domain: "example.com" });
  assert.equal(hosts.byAuthority("127.0.0.1:5290").domain, "example.com");
  assert.equal(hosts.byDomain("Example.COM").publicUrl, "http://default");
  assert.throws(() => hosts.byDomain("example.net"), { code: "unknown-host" });
});

Deno.test("a name in other letters is known as a browser sends it", () => {
  const hosts = names({ domain: "bücher.example" }, { domain: "example.org" });
  assert.equal(hosts.byAuthority("xn--bcher-kva.example").domain, "bücher.example");
});
