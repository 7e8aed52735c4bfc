import assert from "node:assert/strict";
import { dataToml, inSql, startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";
import { conditionOf, type Element, xml, type XmppClient } from "./xmpp_client.ts";

const user = "user:a secret";
const storages = { files: {}, SQL: inSql };

const vcard = () =>
  xml(
    "vCard",
    { xmlns: "vcard-temp" },
    xml("FN", {}, "Jöhn <& Dœ> \u{1F600}"),
    xml("N", {}, xml("FAMILY", {}, "Dœ"), xml("GIVEN", {}, "Jöhn"), xml("MIDDLE")),
    xml("NOTE", { "xml:lang": "de" }, "Zeile 1\nZeile\t2 \"'"),
    xml("PHOTO", {}, xml("TYPE", {}, "image/png"), xml("BINVAL", {}, "iVBORw0KGgo=".repeat(2_000))),
    xml("X-EXTRA", { xmlns: "urn:example:extra", kind: "" }, "mixed ", xml("b"), " text"),
  );

/** What clients keep in private storage, also what is no good. */
const kept = () => [
  xml(
    "storage",
    { xmlns: "storage:bookmarks" },
    xml(
      "conference",
      { jid: "room@conference.example.org", autojoin: "true", name: "Röom" },
      xml("nick", {}, "j"),
    ),
    xml("url", { url: "https://example.org/?a=1&b=2", name: "A" }),
    xml("conference", { name: "without an address" }),
    xml("other", { xmlns: "urn:example:other" }),
  ),
  xml("roster", { xmlns: "roster:delimiter" }, "::"),
];

const ask = async (client: XmppClient, type: "get" | "set", child: Element) => {
  const reply = await client.iq(type, undefined, child);
  assert.equal(conditionOf(reply), undefined, String(reply));
  return reply;
};
const query = (child: Element) => xml("query", { xmlns: "jabber:iq:private" }, child);

for (const [name, options] of Object.entries(storages)) {
  onEachProsody(
    `what clients keep is read, put back and edited, and clients see it: ${name}`,
    async (install) => {
      const modules = ["vcard", "private"];
      await using stage = await startDataStage(install, { modules, ...options, toml: "" });
      const { data, pair } = stage;
      await using client = await pair.user("user");
      const card = async () =>
        (await ask(client, "get", xml("vCard", { xmlns: "vcard-temp" }))).getChild("vCard");
      await ask(client, "set", vcard());
      for (const element of kept()) await ask(client, "set", query(element));
      const before = String(await card());

      for (const store of ["vcard", "private"]) {
        for (const format of ["json", "lua"]) {
          const { status, text, headers } = await data("GET", `${store}/${format}`, { as: user });
          assert.equal(status, 200, text);
          const put = await data("PUT", store, {
            ...{ as: user, body: text },
            headers: {
              "content-type": headers.get("content-type") ?? "",
              "if-match": headers.get("etag") ?? "",
            },
          });
          assert.equal(put.status, 201, put.text);
          assert.equal(put.headers.get("etag"), headers.get("etag")?.replace(".lua", ""));
        }
        assert.deepEqual((await data("GET", `/v1/data/user/${store}/versions`, { as: user })).json, {
          versions: [],
        });
      }
      assert.equal(String(await card()), before);

      // Edited: a name in the vCard, and one member beside bookmarks that nobody could write anew.
      const shown = (await data("GET", "vcard", { as: user })).json;
      shown.__array[0].__array = ["Jane & <co>"];
      assert.equal((await data("PUT", "vcard", { as: user, json: shown })).status, 201);
      assert.equal((await card())?.getChildText("FN"), "Jane & <co>");
      const patch = { "note:urn:note": { name: "note", attr: { xmlns: "urn:note" }, __array: ["héy"] } };
      const patched = await data("PATCH", "private", {
        ...{ as: user, body: JSON.stringify(patch) },
        headers: { "content-type": "application/merge-patch+json" },
      });
      assert.equal(patched.status, 204, patched.text);
      const note = await ask(client, "get", query(xml("note", { xmlns: "urn:note" })));
      assert.equal(note.getChild("query")?.getChildText("note"), "héy");
      const bookmarks = await ask(client, "get", query(xml("storage", { xmlns: "storage:bookmarks" })));
      assert.equal(bookmarks.getChild("query")?.getChild("storage")?.getChildElements().length, 4);

      // One more beside those; gone they may not come anew, unless as what was there.
      const all = (await data("GET", "private", { as: user })).json;
      const { __array: list } = all["storage:storage:bookmarks"];
      const attr = { xmlns: "storage:bookmarks", jid: "other@conference.example.org" };
      list.push({ name: "conference", attr });
      assert.equal((await data("PUT", "private", { as: user, json: all })).status, 201);
      const good = structuredClone(all);
      good["storage:storage:bookmarks"].__array = [list[0], list[4]];
      assert.equal((await data("PUT", "private", { as: user, json: good })).status, 201);
      assert.equal((await data("PUT", "private", { as: user, json: all })).status, 422);
      assert.equal((await data("POST", "/v1/data/user/private/undo", { as: user })).status, 204);
      assert.deepEqual((await data("GET", "private", { as: user })).json, all);

      const wrong = await data("PUT", "vcard", { as: user, json: { FN: "not what Prosody keeps" } });
      assert.equal(wrong.status, 422, wrong.text);
      assert.equal((await card())?.getChildText("FN"), "Jane & <co>");
      assert.equal((await data("POST", "/v1/data/user/vcard/undo", { as: user })).status, 204);
      assert.equal(String(await card()), before);
      assert.equal((await data("DELETE", "vcard", { as: user })).status, 204);
      const gone = await client.iq("get", undefined, xml("vCard", { xmlns: "vcard-temp" }));
      assert.equal(gone.getChild("vCard")?.getChildElements().length ?? 0, 0);
    },
  );

  onEachProsody(
    `messages that wait for somebody are shown to admins by setting, and to nobody else: ${name}`,
    async (install) => {
      await using stage = await startDataStage(install, {
        toml: dataToml({ admins: ["offline"] }),
        ...options,
      });
      const { data, pair } = stage;
      const place = "example.org/user/offline";
      const read = async (as: string) => await data("GET", place, { as });
      assert.equal((await read("admin:a secret")).status, 404);
      await using john = await pair.user("john");
      for (const body of ["first", "second <&>"]) {
        await john.send(xml("message", { to: "user@example.org", type: "chat" }, xml("body", {}, body)));
      }
      await john.rest();
      await eventually(async () => (await read("admin:a secret")).status === 200);
      const { json, headers } = await read("admin:a secret");
      assert.equal(json.length, 2);
      const bodies = json.map(({ __array }: { __array: { name?: string; __array?: string[] }[] }) =>
        __array.find(({ name }) => name === "body")?.__array?.[0]
      );
      assert.deepEqual(bodies, ["first", "second <&>"]);
      for (const item of json) {
        assert.equal(item.name, "message");
        assert.equal(item.attr.to, "user@example.org");
      }
      assert.equal((await read(user)).status, 403);
      assert.equal((await read("john:a secret")).status, 403);
      const listed = (await data("GET", "/v1/data/user", { as: "admin:a secret" })).json.stores;
      assert.deepEqual(listed, [{ store: "offline", kind: "list", etag: headers.get("etag")!.slice(1, -1) }]);
      for (const method of ["PUT", "POST"]) {
        const refused = await data(method, place, { as: "admin:a secret", json: { a: 1 } });
        assert.equal(refused.status, 409, refused.text);
      }
      await using client = await pair.user("user");
      await client.sendPresence();
      for (const body of ["first", "second <&>"]) {
        assert.equal((await client.next((stanza) => stanza.is("message"))).getChildText("body"), body);
      }
      assert.equal((await read("admin:a secret")).status, 404);

      // Deleted, they are gone for Prosody too; as a value nobody would deliver them.
      await client.close();
      await john.send(xml("message", { to: "user@example.org", type: "chat" }, xml("body", {}, "third")));
      await john.rest();
      await eventually(async () => (await read("admin:a secret")).status === 200);
      assert.equal((await data("DELETE", place, { as: "admin:a secret" })).status, 204);
      assert.equal((await read("admin:a secret")).status, 404);
      const undone = await data("POST", "/v1/data/user/offline/undo", { as: "admin:a secret" });
      assert.equal(undone.status, 409, undone.text);
      assert.equal((await read("admin:a secret")).status, 404);
      await using again = await pair.user("user");
      await again.sendPresence();
      assert.deepEqual((await again.rest()).filter((stanza) => stanza.is("message")), []);
    },
  );
}

onEachProsody("a list that mod_data_access wrote is found, appended to, and deleted", async (install) => {
  await using stage = await startDataStage(install);
  const { data, pair } = stage;
  const folder = `${pair.prosody.dataDir}/example%2eorg/mylist`;
  await Deno.mkdir(folder);
  const write = (name: string) =>
    Deno.writeTextFile(`${folder}/${name}.list`, 'item({\n\t["n"] = 1;\n});\nitem("two");\n');
  const isThere = (file: string) => Deno.stat(`${folder}/${file}`).then(() => true, () => false);
  const read = async (as: string) => (await data("GET", "mylist", { as })).json;

  await write("user");
  assert.deepEqual(await read(user), [{ n: 1 }, "two"]);
  const posted = await data("POST", "mylist", { as: user, json: { n: 3 } });
  assert.equal(posted.status, 201, posted.text);
  assert.deepEqual(await read(user), [{ n: 1 }, "two", { n: 3 }]);
  assert.deepEqual([await isThere("user.list"), await isThere("user.dat")], [false, true]);
  assert.equal((await data("POST", "/v1/data/user/mylist/undo", { as: user })).status, 204);
  assert.deepEqual(await read(user), [{ n: 1 }, "two"]);

  const john = "john:a secret";
  await write("john");
  const { headers } = await data("GET", "mylist", { as: john });
  assert.equal(
    (await data("DELETE", "mylist", { as: john, headers: { "if-match": '"another"' } })).status,
    412,
  );
  assert.equal(
    (await data("DELETE", "mylist", { as: john, headers: { "if-match": headers.get("etag") ?? "" } })).status,
    204,
  );
  assert.deepEqual([await isThere("john.list"), await isThere("john.dat")], [false, false]);
  assert.equal((await data("GET", "mylist", { as: john })).status, 404);

  // A value that stands before an old list: with the one goes the other, as ever.
  await write("john");
  assert.equal((await data("PUT", "mylist", { as: john, json: { k: 1 } })).status, 201);
  assert.deepEqual(await read(john), { k: 1 });
  assert.equal((await data("DELETE", "mylist", { as: john })).status, 204);
  assert.equal((await data("GET", "mylist", { as: john })).status, 404);
});
