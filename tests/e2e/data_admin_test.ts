import assert from "node:assert/strict";
import { type DataStage, dataToml, filesOf, startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";

const [user, admin] = ["user:a secret", "admin:a secret"];
const ways = { "plain passwords": "internal_plain", "hashed passwords": "internal_hashed" };

for (const [name, authentication] of Object.entries(ways)) {
  onEachProsody(
    `who may see such a store by setting sees no secrets without the scope: ${name}`,
    async (install) => {
      const admins = ["accounts", "roles", "account_roles", "tokens"];
      await using stage = await startDataStage(install, {
        toml: dataToml({ admins }),
        config: `authentication = "${authentication}"`,
      });
      const { data } = stage;
      const secrets = await secretsOf(stage);
      assert.ok(secrets.length > 0);
      const keys = {
        none: await stage.key(),
        read: await stage.key("data:read"),
        write: await stage.key("data:write"),
        both: await stage.key("data:read", "data:write"),
        secrets: await stage.key("data:read", "data:secrets"),
        all: await stage.key("data:write", "data:secrets"),
      };
      const place = "example.org/user/accounts";
      const before = await filesOf(stage);
      for (const who of [{ as: admin }, { key: keys.read }, { key: keys.both }]) {
        for (const path of [place, `${place}/lua`, "/v1/data/user/accounts"]) {
          const { status, text } = await data("GET", path, who);
          assert.equal(status, 200, text);
          assert.match(text, /\[redacted\]/);
          for (const secret of secrets) assert.ok(!text.includes(secret), text);
        }
        const listed = await data("GET", "/v1/data/user", who);
        assert.deepEqual(listed.json.stores.map(({ store }: { store: string }) => store), ["accounts"]);
        const shown = (await data("GET", place, who)).json;
        const put = await data("PUT", place, { ...who, json: shown });
        assert.equal(put.status, "key" in who ? 403 : 422, put.text);
        assert.equal((await data("GET", "example.org/user/tokens", who)).status, 403);
      }
      for (const key of [keys.none, keys.write]) {
        assert.equal((await data("GET", place, { key })).status, 403);
        assert.equal((await data("GET", "example.org/user/teststore", { key })).status, 403);
      }
      for (const method of ["GET", "PUT", "POST", "PATCH", "DELETE"]) {
        const body = method === "GET" ? {} : { json: {} };
        for (const who of [{ key: keys.none }, { as: user }]) {
          const refused = await data(method, place, { ...who, ...body });
          assert.equal(refused.status, 403, refused.text);
        }
      }
      assert.equal((await data("GET", place, { key: "AAAAAAAA/BBBBBBBB" })).status, 401);
      assert.deepEqual(await filesOf(stage), before);
      const whole = (await data("GET", place, { key: keys.secrets })).text;
      for (const secret of secrets) assert.ok(whole.includes(secret));

      // A change that was made, and what it replaced.
      const role = { "prosody:registered": true };
      const roles = "example.org/user/roles";
      assert.equal((await data("PUT", roles, { as: user, json: role })).status, 403);
      assert.equal((await data("PUT", roles, { key: keys.both, json: role })).status, 403);
      assert.equal((await data("PUT", roles, { key: keys.all, json: role })).status, 201);
      const { versions } = (await data("GET", "/v1/data/user/roles/versions", { as: admin })).json;
      assert.equal(versions.length, 1);
      for (const path of ["versions", `versions/${versions[0].id}`]) {
        assert.equal((await data("GET", `/v1/data/user/roles/${path}`, { as: user })).status, 403);
      }
      assert.equal((await data("POST", "/v1/data/user/roles/undo", { as: user })).status, 403);
      assert.equal((await data("POST", "/v1/data/user/roles/undo", { as: admin })).status, 204);
      assert.equal((await data("GET", roles, { as: admin })).status, 404);
    },
  );
}

onEachProsody("what replaced an account's record by setting takes effect at once", async (install) => {
  await using stage = await startDataStage(install, {
    toml: dataToml({ admins: ["accounts"] }),
    config: 'authentication = "internal_plain"',
  });
  const { data } = stage;
  assert.equal((await data("GET", "teststore", { as: user })).status, 404);
  const put = await data("PUT", "example.org/user/accounts", { as: admin, json: { password: "changed" } });
  assert.equal(put.status, 201, put.text);
  assert.equal((await data("GET", "teststore", { as: user })).status, 401);
  assert.equal((await data("GET", "teststore", { as: "user:changed" })).status, 404);
  const seen = await data("GET", "/v1/data/user/accounts/versions", { as: admin });
  const old = await data("GET", `/v1/data/user/accounts/versions/${seen.json.versions[0].id}`, { as: admin });
  assert.equal(old.json.password, "[redacted]");
  assert.equal((await data("POST", "/v1/data/user/accounts/undo", { as: admin })).status, 204);
  assert.equal((await data("GET", "teststore", { as: "user:changed" })).status, 401);
  assert.equal((await data("GET", "teststore", { as: user })).status, 404);
});

/** What of an account's record logs in, or helps to. */
async function secretsOf(stage: DataStage): Promise<string[]> {
  const files = await filesOf(stage);
  const [, text = ""] = Object.entries(files).find(([path]) => path.endsWith("/accounts/user.dat")) ?? [];
  return [...text.matchAll(/\["(?:password|salt|server_key|stored_key)"\] = "([^"]+)"/g)].map((
    [, one = ""],
  ) => one);
}
