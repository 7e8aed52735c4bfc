import assert from "node:assert/strict";
import { startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";

const user = "user:a secret";

onEachProsody("a user's data is written and read with the password of XMPP", async (install) => {
  await using stage = await startDataStage(install);
  const { data } = stage;
  const value = { a: 1, b: [1, 2, 3], c: { d: null, e: true } };
  const put = await data("PUT", "teststore", { as: user, json: value });
  assert.equal(put.status, 201, put.text);
  assert.match(put.headers.get("location") ?? "", /\/data\/example\.org\/user\/teststore$/);
  const got = await data("GET", "teststore", { as: user });
  assert.equal(got.status, 200, got.text);
  assert.deepEqual(got.json, value);
  assert.equal((await data("GET", "teststore", { as: "user:wrong" })).status, 401);
  assert.equal((await data("GET", "example.org/john/teststore", { as: user })).status, 403);
});
