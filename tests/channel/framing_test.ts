import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter, longestLine } from "../../src/channel/framing.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("lines come out whole however their bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.integer({ min: 1, max: 9 }), (texts, step) => {
      const lines = texts.map((text) => text.toWellFormed().replaceAll("\n", " ")).filter((text) =>
        text.trim() !== ""
      );
      const all = bytes(lines.map((line) => line + "\n").join("\n"));
      const splitter = new LineSplitter();
      const found: string[] = [];
      for (let at = 0; at < all.length; at += step) found.push(...splitter.push(all.subarray(at, at + step)));
      assert.deepEqual(found, lines);
      assert.equal(splitter.unfinished, false);
    }),
  );
});

Deno.test("a line over the limit ends it, with or without a newline, and holds no more memory than that", () => {
  const block = new Uint8Array(65_536).fill(97);
  const splitter = new LineSplitter();
  assert.throws(() => {
    for (let i = 0; i < 2 * longestLine / block.length; i++) splitter.push(block);
  }, { condition: "policy-violation" });
  const whole = new Uint8Array(longestLine + 2).fill(97);
  whole[longestLine + 1] = 10;
  assert.throws(() => new LineSplitter().push(whole), { condition: "policy-violation" });
  whole[longestLine] = 10;
  assert.equal(new LineSplitter().push(whole.subarray(0, longestLine + 1))[0]?.length, longestLine);
});

Deno.test("bytes that are not UTF-8 end it", () => {
  for (const line of [[0xff, 10], [0xc3, 10], [0xed, 0xa0, 0x80, 10], [0xc0, 0x80, 10]]) {
    assert.throws(() => new LineSplitter().push(new Uint8Array(line)), { condition: "unsupported-encoding" });
  }
});
