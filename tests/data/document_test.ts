import assert from "node:assert/strict";
import { createDocuments } from "../../src/data/document.ts";

Deno.test("documents are kept by what they have in memory: of tables, which take the most, only a few", () => {
  const documents = createDocuments(new Uint8Array(32));
  const of = (text: string) => documents.of(text, false, false);
  const strings = Array.from({ length: 8 }, (_, i) => `{"${i}${"x".repeat(600_000)}"}`);
  const tables = Array.from({ length: 8 }, (_, i) => `{${"{},".repeat(200_000)}${i}}`);
  const kept = strings.map(of);
  assert.ok(strings.every((text, i) => of(text) === kept[i]));
  const first = of(tables[0]!);
  for (const text of tables) of(text);
  assert.notEqual(of(tables[0]!), first);
});
