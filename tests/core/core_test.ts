import assert from "node:assert/strict";
import fc from "fast-check";
import { parseDuration } from "../../src/core/duration.ts";
import { normaliseDomain, normaliseLocal, parseBareJid } from "../../src/core/jid.ts";
import {
  createVault,
  isSecret,
  makeSecret,
  makeToken,
  sameText,
  systemRandom,
  tokenKey,
} from "../../src/core/token.ts";

Deno.test("a secret passes its own checksum, and with any one letter changed it does not", () => {
  for (let i = 0; i < 200; i++) {
    const secret = makeSecret(systemRandom);
    assert.match(secret, /^cplt_[0-9A-Za-z]{36}$/);
    assert.ok(isSecret(secret));
    const at = 5 + i % 36;
    const other = secret[at] === "a" ? "b" : "a";
    assert.ok(!isSecret(secret.slice(0, at) + other + secret.slice(at + 1)));
  }
});

Deno.test("tokens are URL-safe, never repeat, and sort by the time they were made", () => {
  const times = [0, 1e9, 1_700_000_000_000, 1_795_000_000_000, 4_000_000_000_000];
  const tokens = times.map((time) => makeToken(time, systemRandom));
  assert.deepEqual([...tokens].sort(), tokens);
  assert.deepEqual(tokens.map(tokenKey).sort(), tokens.map(tokenKey));
  const many = new Set(Array.from({ length: 10_000 }, () => makeToken(1e12, systemRandom)));
  assert.equal(many.size, 10_000);
  for (const token of many) assert.match(token, /^[\w-]{24}$/);
});

Deno.test("what the vault seals it opens, under the same key and context alone", () => {
  const vault = createVault(new Uint8Array(32).fill(1), systemRandom);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const sealed = vault.seal(text, "here");
      assert.equal(vault.open(sealed, "here"), text.toWellFormed());
      assert.throws(() => vault.open(sealed, "there"));
      assert.throws(() => createVault(new Uint8Array(32), systemRandom).open(sealed, "here"));
      for (const [at, part] of sealed.split(".").entries()) {
        if (part === "") continue;
        const other = sealed.split(".").with(
          at,
          part.startsWith("A") ? `B${part.slice(1)}` : `A${part.slice(1)}`,
        );
        assert.throws(() => vault.open(other.join("."), "here"));
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("texts are equal when they are", () => {
  assert.ok(sameText("abc", "abc"));
  for (const [a, b] of [["abc", "abd"], ["abc", "ab"], ["", "a"]] as const) assert.ok(!sameText(a, b));
});

Deno.test("durations are a number and a unit, and nothing else", () => {
  for (
    const [text, ms] of [["90s", 90_000], ["15m", 900_000], ["12h", 43_200_000], ["7d", 604_800_000], [
      "2w",
      1_209_600_000,
    ]] as const
  ) {
    assert.equal(parseDuration(text), ms);
  }
  for (const text of ["", "7", "d", "-1d", "1.5h", "7 d", "7D", "1y", "9999999s", "7d7d"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

Deno.test("localparts and domains are brought into one form, or refused (RFC 7622)", () => {
  assert.equal(normaliseLocal("Ann"), "ann");
  assert.equal(normaliseLocal("ＡＮＮ"), "ann");
  assert.equal(normaliseLocal("ÉLODIE"), "élodie");
  assert.equal(normaliseLocal("Νίκος"), "νίκοσ"); // RFC 3454, B.2: no final sigma
  assert.equal(normaliseLocal("straße"), "strasse");
  assert.equal(normaliseLocal("❤\ufe0fx"), "❤x");
  const started = performance.now();
  assert.equal(normaliseLocal("a" + "\u0301\u0316".repeat(400_000)), undefined);
  assert.ok(performance.now() - started < 100, "long runs of marks are not even looked at");
  for (
    const text of [
      "",
      "a b",
      "a@b",
      "a/b",
      "<a>",
      "a'b",
      'a"b',
      "a&b",
      "a:b",
      "\u0000",
      "a\u200bb",
      "\ud800",
      "x".repeat(1024),
    ]
  ) {
    assert.equal(normaliseLocal(text), undefined, JSON.stringify(text.slice(0, 20)));
  }
  assert.equal(normaliseDomain("Example.ORG."), "example.org");
  for (const text of ["", "a b", "a..b", "-a", "a/b", "a@b", "x".repeat(254), "."]) {
    assert.equal(normaliseDomain(text), undefined, text);
  }
  assert.deepEqual(parseBareJid("Ann@Example.org"), { local: "ann", domain: "example.org" });
  assert.deepEqual(parseBareJid("example.org"), { domain: "example.org" });
  for (const text of ["@example.org", "ann@", "ann@example.org/phone", "a@b@c"]) {
    assert.equal(parseBareJid(text), undefined, text);
  }
});

Deno.test("a name that is far too long is refused before it is looked at closely", () => {
  const marks = "a" + "\u0323\u0301".repeat(100_000); // NFKC sorts them, in a time that grows as their square
  const began = performance.now();
  assert.equal(normaliseDomain(marks), undefined);
  assert.equal(normaliseLocal(marks), undefined);
  assert.equal(parseBareJid(`john@${marks}`), undefined);
  assert.ok(performance.now() - began < 1_000);
});
