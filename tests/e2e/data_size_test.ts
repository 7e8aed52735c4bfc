import assert from "node:assert/strict";
import { startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";

const as = "user:a secret";

onEachProsody("what was written can be told back, and what could not is not written", async (install) => {
  await using stage = await startDataStage(install);
  const { data } = stage;
  for (
    const [text, count] of [["&", 140_000], ["<", 140_000], ["é", 70_000], ['"', 240_000], ["'", 300_000], [
      "x",
      490_000,
    ]] as const
  ) {
    const json = { a: text.repeat(count) };
    const put = await data("PUT", "teststore", { as, json });
    assert.equal(put.status, 201, put.text.slice(0, 200));
    const got = await data("GET", "teststore", { as });
    assert.equal(got.status, 200, text);
    assert.deepEqual(got.json, json);
  }
  const empty = Array(19_000).fill("");
  assert.equal((await data("PUT", "sa", { as, json: empty })).status, 201);
  assert.deepEqual((await data("GET", "sa", { as })).json, empty);
  // Prosody writes two bytes for each of these, which are one for us.
  const quotes = await data("PUT", "teststore", { as, json: { a: "'".repeat(510_000) } });
  assert.equal(quotes.status, 413, quotes.text.slice(0, 200));
  assert.match(quotes.text, /tell as much back/);
  assert.deepEqual((await data("GET", "teststore", { as })).json, { a: "x".repeat(490_000) });
});
