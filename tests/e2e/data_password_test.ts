import assert from "node:assert/strict";
import { startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";

onEachProsody(
  "a password that is remembered ends with the account's file, whoever changes it",
  async (install) => {
    await using stage = await startDataStage(install);
    const as = "user:a secret";
    const file = `${stage.pair.prosody.dataDir}/example%2eorg/accounts/user.dat`;
    const status = async (as: string) => (await stage.data("GET", "teststore", { as })).status;
    for (let i = 0; i < 3; i++) assert.equal(await status(as), 404);

    const before = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, `return { ["password"] = "another" };\n`);
    assert.equal(await status(as), 401);
    assert.equal(await status("user:another"), 404);

    await Deno.writeTextFile(file, before);
    assert.equal(await status("user:another"), 401);
    assert.equal(await status(as), 404);

    await Deno.remove(file);
    assert.equal(await status(as), 401);
  },
);

onEachProsody("nobody is locked out where passwords are not to be remembered", async (install) => {
  await using stage = await startDataStage(install, { config: "couplet_remember_password = 0" });
  for (let i = 0; i < 2; i++) {
    assert.equal((await stage.data("GET", "teststore", { as: "user:a secret" })).status, 404);
  }
  assert.equal((await stage.data("GET", "teststore", { as: "user:wrong" })).status, 401);
});
