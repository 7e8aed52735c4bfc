import assert from "node:assert/strict";
import { createDataApp, type DataApp, usualStores } from "./rig.ts";
import { control } from "../harness.ts";

const as = "john";
const day = 86_400_000;

const put = async ({ call }: DataApp, json: unknown, path = "notes", who = as) =>
  assert.equal((await call("PUT", path, { as: who, json })).status, 201);

interface Shown {
  readonly id: number;
  readonly size: number;
  readonly replaced_at: string;
  readonly replaced_by: string;
}
async function versions({ call }: DataApp, path = "john/notes", who = as): Promise<Shown[]> {
  const told = await call("GET", `/v1/data/${path}/versions`, { as: who });
  assert.equal(told.status, 200, told.text);
  return told.json.versions;
}
const undo = async ({ call }: DataApp, version?: number, path = "john/notes") =>
  (await call("POST", `/v1/data/${path}/undo${version === undefined ? "" : `?version=${version}`}`, { as }))
    .status;

Deno.test("the last five of what was replaced are kept, with when and by whom", async () => {
  await using rig = await createDataApp();
  for (let n = 0; n < 8; n++) {
    await put(rig, { n });
    rig.app.advance(1_000);
  }
  const list = await versions(rig);
  assert.deepEqual(list.map(({ size }) => size), [5, 5, 5, 5, 5]);
  assert.ok(list.every(({ replaced_by }) => replaced_by === "john@example.org"));
  assert.equal(list[0]?.replaced_at, "2026-01-01T00:00:07.000Z");
  const shown = await Promise.all(
    list.map(({ id }) => rig.call("GET", `/v1/data/john/notes/versions/${id}`, { as })),
  );
  assert.deepEqual(shown.map(({ json }) => json.n), [6, 5, 4, 3, 2]);
  const [newest] = list;
  const path = `/v1/data/john/notes/versions/${newest?.id}`;
  const tag = shown[0]?.headers.get("etag") ?? "";
  assert.equal((await rig.call("GET", path, { as, headers: { "if-none-match": tag } })).status, 304);
  const lua = await rig.call("GET", path, { as, headers: { accept: "text/x-lua" } });
  assert.equal(lua.text, '{\n\t["n"] = 6;\n}');
  const key = await rig.app.key({ scopes: ["data:write"] });
  await rig.call("PUT", "example.org/john/notes", { key, json: { n: 9 } });
  assert.match((await versions(rig))[0]?.replaced_by ?? "", /^api\/token\/[\w-]{12}$/);
});

Deno.test("undo puts back what was there, and once more what was there before that", async () => {
  await using rig = await createDataApp();
  const { stored, call } = rig;
  await put(rig, { n: 1 });
  await put(rig, { n: 2 });
  for (const text of ["{n=1}", "{n=2}", "{n=1}"]) {
    const told = await call("POST", "/v1/data/john/notes/undo", { as });
    assert.deepEqual([told.status, stored.values.get("john/notes")], [204, text]);
    assert.equal(told.headers.get("etag"), (await call("GET", "notes", { as })).headers.get("etag"));
  }
  const list = await versions(rig);
  assert.deepEqual(list.map(({ size }) => size), [5, 5, 5, 5, 0].slice(0, list.length));
  const creation = list.find(({ size }) => size === 0);
  assert.equal((await call("GET", `/v1/data/john/notes/versions/${creation?.id}`, { as })).status, 404);
  const gone = await call("POST", `/v1/data/john/notes/undo?version=${creation?.id}`, { as });
  assert.deepEqual([gone.status, gone.headers.get("etag"), stored.values.has("john/notes")], [
    204,
    null,
    false,
  ]);
  assert.equal(await undo(rig), 204);
  assert.equal(stored.values.get("john/notes"), "{n=1}");
  assert.equal((await call("DELETE", "notes", { as })).status, 204);
  assert.equal(await undo(rig), 204);
  assert.equal(stored.values.get("john/notes"), "{n=1}", "a removal too");
});

Deno.test("versions are one place's, one user's and one host's", async () => {
  await using rig = await createDataApp({ hosts: ["example.org", "example.net"] });
  await put(rig, { n: 1 });
  await put(rig, { n: 2 });
  const [newest] = await versions(rig);
  assert.deepEqual(await versions(rig, "john/list"), []);
  assert.deepEqual(await versions(rig, "marie/notes", "marie"), []);
  assert.equal(await undo(rig, undefined, "john/list"), 404);
  assert.equal(await undo(rig, newest?.id, "john/list"), 404, "another place's id");
  assert.equal(
    (await rig.call("GET", `/v1/data/marie/notes/versions/${newest?.id}`, { as: "marie" })).status,
    404,
  );
  assert.equal((await rig.call("GET", "/v1/data/john/notes/versions", { as: "marie" })).status, 403);
  assert.equal((await rig.call("POST", "/v1/data/john/notes/undo", { as: "marie" })).status, 403);
  const key = await rig.app.key({ scopes: ["data:read", "data:write"], host: "example.net" });
  const other = await rig.call("GET", "http://example.net/v1/data/john/notes/versions", { key });
  assert.deepEqual(other.json, { versions: [] });
  assert.equal((await rig.call("POST", "http://example.net/v1/data/john/notes/undo", { key })).status, 404);
  assert.equal(await undo(rig, 999_999_999_999_999), 404);
});

Deno.test("what changed nothing, failed or was refused leaves no version and pushes none out", async () => {
  await using rig = await createDataApp();
  for (let n = 0; n < 7; n++) await put(rig, { n });
  const before = await versions(rig);
  assert.equal(before.length, 5);
  const { stored, call } = rig;
  await put(rig, { n: 6 });
  assert.equal((await call("PUT", "notes", { as, json: 1 })).status, 422);
  assert.equal(
    (await call("PUT", "notes", { as, json: { n: 7 }, headers: { "if-match": '"x"' } })).status,
    412,
  );
  stored.meanwhile = ({ call }) => {
    if (call === "set") stored.values.set("john/notes", `{x=${Math.random()}}`);
  };
  assert.equal((await call("PUT", "notes", { as, json: { n: 8 } })).status, 409);
  stored.meanwhile = () => {};
  assert.deepEqual(await versions(rig), before);
});

Deno.test("nothing of what was replaced can be read in the database's files", async () => {
  await using rig = await createDataApp();
  await put(rig, { text: "a secret that is long enough" });
  await put(rig, { text: "another" });
  await rig.app.database.write((db) => db.updateTable("data_version").set({ size: 1 }).execute());
  for await (const { name } of Deno.readDir(rig.app.dir)) {
    const bytes = new TextDecoder("latin1").decode(await Deno.readFile(`${rig.app.dir}/${name}`));
    for (const text of ["a secret that", btoa("a secret that is").slice(0, 16)]) {
      assert.ok(!bytes.includes(text), name);
    }
  }
  // A row that is put into another place cannot be opened there.
  await rig.app.database.write((db) => db.updateTable("data_version").set({ store: "list" }).execute());
  const moved = await versions(rig, "john/list");
  const told = await rig.call("GET", `/v1/data/john/list/versions/${moved[0]?.id}`, { as });
  assert.ok(told.status >= 400 && !told.text.includes("secret"), told.text);
});

Deno.test("versions go with their account, and after thirty days", async () => {
  await using rig = await createDataApp();
  const { services } = rig.app;
  const count = async () =>
    (await rig.app.database.db.selectFrom("data_version").select("id").execute()).length;
  for (const who of ["john", "marie"]) {
    await put(rig, { n: 1 }, "notes", who);
    await put(rig, { n: 2 }, "notes", who);
  }
  assert.equal(await count(), 4);
  const purged = await rig.app.iq("set", "john@example.org", control("purge"));
  assert.equal(purged.attrs.type, "result", purged.toString());
  assert.equal(await count(), 2);
  assert.deepEqual(await versions(rig), []);
  assert.equal((await versions(rig, "marie/notes", "marie")).length, 2);
  rig.app.advance(29 * day);
  await put(rig, { n: 3 }, "notes", "marie");
  rig.app.advance(day + 1);
  await services.userData.versions.sweep();
  assert.equal(await count(), 1, "the one of yesterday");
});

Deno.test("a list that Prosody keeps beside whole values can be put back as one", async () => {
  await using rig = await createDataApp({ toml: usualStores });
  rig.stored.lists.set("john/list", "{{x=1},{x=2}}");
  assert.equal((await rig.call("DELETE", "list", { as })).status, 204);
  assert.deepEqual([rig.stored.lists.size, rig.stored.values.size], [0, 0]);
  assert.equal(await undo(rig, undefined, "john/list"), 204);
  assert.deepEqual((await rig.call("GET", "list", { as })).json, [{ x: 1 }, { x: 2 }]);
});
