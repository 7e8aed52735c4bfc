import assert from "node:assert/strict";
import { again } from "./again.ts";
import { type DataStage, inSql, startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";
import { conditionOf, xml, type XmppClient } from "./xmpp_client.ts";

const user = "user:a secret";
const storages = { files: {}, SQL: inSql };
const all = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

/** Reads, changes and writes again, as long as somebody else was quicker. */
async function edit(
  { data }: DataStage,
  store: string,
  // deno-lint-ignore no-explicit-any
  change: (value: any) => unknown,
): Promise<number> {
  for (let tries = 1;; tries++) {
    const { status, json, headers } = await data("GET", store, { as: user });
    assert.equal(status, 200);
    const put = await data("PUT", store, {
      ...{ as: user, json: change(json), headers: { "if-match": headers.get("etag") ?? "" } },
    });
    if (put.status === 201) return tries;
    assert.equal(put.status, 412, put.text);
    // As clients do that mean to get anywhere.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
  }
}

for (const [name, options] of Object.entries(storages)) {
  onEachProsody(`of a hundred who count at the same time none is lost, in ${name}`, async (install) => {
    await using stage = await startDataStage(install, options);
    const { data } = stage;
    assert.equal((await data("PUT", "counter", { as: user, json: { count: 0, log: [1] } })).status, 201);
    const tries = await all(
      100,
      () => edit(stage, "counter", ({ count, log }) => ({ count: count + 1, log })),
    );
    assert.ok(Math.max(...tries) > 1, "nobody met anybody");
    assert.equal((await data("GET", "counter", { as: user })).json.count, 100);

    const posted = await all(100, (n) => data("POST", "mylist", { as: user, json: { n } }));
    assert.deepEqual([...new Set(posted.map(({ status }) => status))], [201]);
    const numbers = (await data("GET", "mylist", { as: user })).json.map(({ n }: { n: number }) => n);
    assert.deepEqual(numbers.sort((a: number, b: number) => a - b), Array.from({ length: 100 }, (_, i) => i));
    const { versions } = (await data("GET", "/v1/data/user/mylist/versions", { as: user })).json;
    assert.equal(versions.length, 5);

    const first = await all(
      20,
      (n) => data("PUT", "mylist", { as: "john:a secret", json: { n }, headers: { "if-none-match": "*" } }),
    );
    assert.deepEqual(first.map(({ status }) => status).sort(), [201, ...Array(19).fill(412)]);
  });
}

const notes = { xmlns: "jabber:iq:private" };
const element = (name: string) => xml(name, { xmlns: `urn:test:${name}` }, "text");

async function writeAsClient(client: XmppClient, name: string): Promise<void> {
  const reply = await client.iq("set", undefined, xml("query", notes, element(name)));
  assert.equal(conditionOf(reply), undefined);
}

for (const [name, options] of Object.entries(storages)) {
  onEachProsody(
    `clients and requests that write the same store lose nothing of each other: ${name}`,
    async (install) => {
      await using stage = await startDataStage(install, { modules: ["private"], ...options });
      const { data, pair } = stage;
      await using client = await pair.user("user");
      await writeAsClient(client, "first");
      const stored = (name: string) => [`${name}:urn:test:${name}`, {
        name,
        attr: { xmlns: `urn:test:${name}` },
        __array: ["text"],
      }];
      const patch = { "content-type": "application/merge-patch+json" };
      await Promise.all([
        (async () => {
          for (let i = 0; i < 40; i++) await writeAsClient(client, `c${i}`);
        })(),
        all(
          20,
          (i) => edit(stage, "private", (value) => ({ ...value, ...Object.fromEntries([stored(`p${i}`)]) })),
        ),
        all(20, async (i) => {
          const body = JSON.stringify(Object.fromEntries([stored(`m${i}`)]));
          let answer;
          do answer = await data("PATCH", "private", { as: user, headers: patch, body }); while (
            answer.status === 409
          ); // a client may write faster than anybody can read
          assert.equal(answer.status, 204, answer.text);
        }),
      ]);
      const names = [
        "first",
        ...Array.from({ length: 40 }, (_, i) => `c${i}`),
      ]
        .concat(Array.from({ length: 20 }, (_, i) => [`p${i}`, `m${i}`]).flat());
      const expected = Object.fromEntries(names.map(stored));
      assert.deepEqual((await data("GET", "private", { as: user })).json, expected);
      for (const name of ["first", "c39", "p0", "m19"]) {
        const query = xml("query", notes, xml(name, { xmlns: `urn:test:${name}` }));
        const reply = await client.iq("get", undefined, query);
        assert.equal(reply.getChild("query")?.getChild(name)?.getText(), "text");
      }
    },
  );
}

onEachProsody(
  "what a storage would not keep as it is is refused, and what was there stays",
  async (install) => {
    for (const [options, status] of [[{}, 201], [inSql, 422]] as const) {
      await using stage = await startDataStage(install, options);
      const { data } = stage;
      const kept = {
        a: { deep: [1, [2.5, { x: false, y: null, "": "é\u0000\u2028" }], []] },
        b: true,
        n: -7,
        "1": "one",
      };
      assert.equal((await data("PUT", "teststore", { as: user, json: kept })).status, 201);
      for (const json of [{ off: false }, { n: 0.1 + 0.2 }]) {
        const put = await data("PUT", "teststore", { as: user, json });
        assert.equal(put.status, status, put.text);
        assert.deepEqual((await data("GET", "teststore", { as: user })).json, status === 201 ? json : kept);
        assert.equal((await data("PUT", "teststore", { as: user, json: kept })).status, 201);
      }
      assert.deepEqual((await data("GET", "teststore", { as: user })).json, kept);
    }
  },
);

onEachProsody("what is large comes back as it was, and what is too large is refused", async (install) => {
  for (const options of [{}, inSql]) {
    await using stage = await startDataStage(install, options);
    const { data } = stage;
    const put = async (json: unknown) => (await data("PUT", "teststore", { as: user, json })).status;
    const values = [
      { text: "x".repeat(500_000) },
      { text: "é<\n".repeat(40_000) },
      { list: Array.from({ length: 3_900 }, (_, n) => ({ n })) },
      Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`${n} é`, n / 4])),
    ];
    for (const value of values) {
      assert.equal(await put(value), 201);
      assert.deepEqual((await data("GET", "teststore", { as: user })).json, value);
    }
    assert.equal(await put({ text: "x".repeat(530_000) }), 413);
    // In a line each is several bytes, there or back: it would end the link, and with it everybody's.
    for (const char of ["<", "&", "é"]) {
      assert.equal(await put({ text: char.repeat(250_000) }), 413);
    }
    assert.deepEqual((await data("GET", "teststore", { as: user })).json, values.at(-1));
    assert.equal((await data("DELETE", "teststore", { as: user })).status, 204);
  }
});

onEachProsody("long answers keep nobody waiting for long", async (install) => {
  await using stage = await startDataStage(install);
  const { data } = stage;
  const john = "john:a secret";
  // All but the last few bytes that one answer may have.
  const text = "'".repeat(142_854);
  assert.equal((await data("PUT", "teststore", { as: john, json: { text } })).status, 201);
  // Others each, so that Prosody is asked for each.
  const readers = [{ as: john }, { as: "admin:a secret" }, { key: await stage.key("data:read") }].map((who) =>
    again(async () => {
      const { status, json } = await data("GET", "example.org/john/teststore", who);
      assert.equal(status, 200);
      assert.equal(json.text, text);
      return status;
    })
  );
  const items = Array.from({ length: 4 }, (_, i) => i);
  for (const item of items) {
    assert.equal((await data("POST", "mylist", { as: user, json: item })).status, 201);
  }
  const began = performance.now();
  for (const { stop } of readers) await stop();
  assert.ok(performance.now() - began < 20_000, "somebody was never answered");
  assert.deepEqual((await data("GET", "mylist", { as: user })).json, items);
});
