import assert from "node:assert/strict";
import fc from "fast-check";
import { isLoopback, parseAddress, parseNetwork, senderOf } from "../../src/core/network.ts";

const sender = (text: string) => {
  const address = parseAddress(text);
  return address && senderOf(address);
};

Deno.test("an address is the same however it is written, and one of IPv6 counts by its /64", () => {
  for (
    const [text, expected] of [
      ["192.0.2.7", "192.0.2.7"],
      ["192.0.2.7:51234", "192.0.2.7"],
      ["::ffff:192.0.2.7", "192.0.2.7"],
      ["::FFFF:c000:207", "192.0.2.7"],
      ["[::ffff:192.0.2.7]:443", "192.0.2.7"],
      ["2001:db8::1", "2001:db8::/64"],
      ["2001:0DB8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64"],
      ["[2001:db8::1]", "2001:db8::/64"],
      ["[2001:db8::1]:443", "2001:db8::/64"],
      ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
      ["fe80::1%eth0", "fe80::/64"],
    ] as const
  ) assert.equal(sender(text), expected, text);
});

Deno.test("what is no address is none, and nothing throws", () => {
  for (
    const text of [
      ..."|unknown|_hidden|unix:|localhost|0x7f.1|0177.0.0.1|127.1|2130706433|1.2.3.256|1.2.3.4.5|1.2.3.4:"
        .split("|"),
      ...":|::1::|[::1|::1]|[1.2.3.4:5|12345::|1.2.3.4/8|::1/64|1.2.3.4 |for=1.2.3.4|[]|[]:1|1:2:3:4:5:6:7:8:9"
        .split("|"),
      `::${"0".repeat(100_000)}1`,
    ]
  ) assert.equal(parseAddress(text), undefined, text.slice(0, 40));
  const odd = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.[]%/ xg,\u0000é") });
  fc.assert(fc.property(odd, (text) => {
    parseAddress(text);
    parseNetwork(text);
  }));
});

Deno.test("a network holds what it says", () => {
  const cases: [string, string[], string[]][] = [
    ["10.0.0.0/8", ["10.255.0.1", "::ffff:10.0.0.1"], ["11.0.0.1", "::1", "a00::1"]],
    ["192.0.2.7", ["192.0.2.7"], ["192.0.2.8"]],
    ["::ffff:10.0.0.0/104", ["10.1.2.3"], ["11.0.0.1"]],
    ["::ffff:192.0.2.7", ["192.0.2.7"], ["192.0.2.8"]],
    ["2001:db8::/32", ["2001:db8:1::1"], ["2001:db9::1", "32.1.13.184"]],
    ["::1", ["::1"], ["::2", "127.0.0.1"]],
  ];
  for (const [text, inside, outside] of cases) {
    const network = parseNetwork(text);
    assert.ok(network, text);
    for (const one of inside) assert.ok(network(parseAddress(one)!), `${text} ${one}`);
    for (const one of outside) assert.ok(!network(parseAddress(one)!), `${text} ${one}`);
  }
  for (
    const text
      of "|10|10.0.0.0/|10.0.0.0/33|10.0.0.0/0|::/0|::1/129|::ffff:10.0.0.0/96|::ffff:10.0.0.0/8|10.0.0.1:80|[::1]|fe80::1%a|unix|10.0.0.0/8/8|10.0.0.0/-1"
        .split("|")
  ) assert.equal(parseNetwork(text), undefined, text);
});

Deno.test("loopback is all of it", () => {
  for (const text of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
    assert.ok(isLoopback(parseAddress(text)!), text);
  }
  for (const text of ["128.0.0.1", "::2", "10.0.0.1"]) assert.ok(!isLoopback(parseAddress(text)!), text);
});
