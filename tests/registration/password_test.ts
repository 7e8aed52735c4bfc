import assert from "node:assert/strict";
import { passwordMistake, preparePassword } from "../../src/registration/password.ts";
import { readUsername } from "../../src/registration/username.ts";

const terms = { host: "example.org", length: 10 };

Deno.test("a password is judged by what it is when it is compared", () => {
  const cases: [string, string | undefined][] = [
    ["correct horse battery", undefined],
    ["pässwörtchen", undefined],
    ["0123456789", undefined],
    ["", "missing"],
    ["012345678", "too-short"],
    ["u\u0308u\u0308u\u0308u\u0308u\u0308", "too-short"], // five letters, however they are typed
    ["😀😀😀😀😀", "too-short"], // characters, and not what JavaScript counts
    ["😀😀😀😀😀😀😀😀😀😀", undefined],
    ["my name is ALICE!", "holds-username"],
    ["my name is ＡＬＩＣＥ!", "holds-username"],
    ["I am at Example.Org now", "holds-host"],
    ["with a\u0000null in it", "unusable"],
    ["with a\nnew line", "unusable"],
    ["with a\u00adsoft hyphen", "unusable"],
    ["with \ue000 private use", "unusable"],
    ["with \ud800 half a letter", "unusable"],
    ["x".repeat(1_023), undefined],
    ["x".repeat(1_024), "too-long"],
    ["é".repeat(512), "too-long"],
    ["e\u0301".repeat(100_000), "too-long"],
  ];
  for (const [typed, why] of cases) {
    assert.equal(passwordMistake(typed, "alice", terms), why, typed.slice(0, 40));
  }
});

Deno.test("a username of one or two characters may be in a password, and one that is not known is not looked for", () => {
  assert.equal(passwordMistake("my name is bo", "bo", terms), undefined);
  assert.equal(passwordMistake("my name is bob", "bob", terms), "holds-username");
  assert.equal(passwordMistake("my name is bob", undefined, terms), undefined);
});

Deno.test("a password is kept as RFC 8265 has it: NFC, and every space an ordinary one", () => {
  assert.equal(preparePassword("Zu\u0308rich\u00a0\u3000!"), "Zürich  !");
  assert.equal(preparePassword(" ①ﬁ "), " ①ﬁ "); // SASLprep goes on from here, on both sides
});

Deno.test("a username is taken in any form that it may be typed in", () => {
  const names: [string, string][] = [
    ["alice", "alice"],
    ["  Alice ", "alice"],
    ["ALICE@example.org", "alice"],
    ["alice@EXAMPLE.org.", "alice"],
    ["Jörg", "jörg"],
    ["ﬁn", "fin"],
  ];
  for (const [typed, username] of names) {
    assert.deepEqual(readUsername(typed, "example.org"), { username }, typed);
  }
  const wrong: [string, string][] = [
    ["", "missing"],
    ["   ", "missing"],
    ["@example.org", "missing"],
    ["alice@example.net", "other-host"],
    ["alice@", "other-host"],
    ["a@b@example.org", "unusable"],
    ["a b", "unusable"],
    ["a/b", "unusable"],
    ["a\u0000b", "unusable"],
    ["a\u202eb", "unusable"],
    ["x".repeat(1_024), "too-long"],
    ["é".repeat(1_000), "unusable"],
  ];
  for (const [typed, why] of wrong) {
    assert.deepEqual(readUsername(typed, "example.org"), { why }, typed.slice(0, 20));
  }
});
