import assert from "node:assert/strict";
import { account, type DataAnswer, dataToml, inMemory, inSql, startDataStage } from "./data_rig.ts";
import { type Row, rows, rowStores } from "./data_rows.ts";
import { onEachProsody } from "./each_prosody.ts";

const storages = [
  { name: "files and plain passwords", options: { config: 'authentication = "internal_plain"' } },
  { name: "SQL and hashed passwords", options: inSql },
  { name: "memory", options: inMemory(rowStores) },
];

for (const { name, options } of storages) {
  onEachProsody(`what was asked of mod_data_access is answered, with ${name}`, async (install) => {
    const hosts = ["example.org", "example.net"];
    await using stage = await startDataStage(install, {
      ...{ hosts, toml: dataToml({ users: rowStores }), ...options },
    });
    await account(stage.pair, "bob@example.net");
    for (const row of rows) {
      const [method = "", path = ""] = row.send.split(" ");
      const body = row.body === undefined ? undefined : new TextEncoder().encode(row.body);
      const headers = { ...row.headers, ...(row.type && { "content-type": row.type }) };
      const answer = await stage.data(method, path, { as: row.as, headers, ...(body && { body }) });
      check(row, answer);
    }
  });
}

function check(row: Row, { status, headers, text }: DataAnswer): void {
  const [method] = row.send.split(" ");
  const what = `${row.send} ${row.body?.slice(0, 100) ?? ""} as ${row.as}: ${status} ${text}`;
  assert.equal(status, row.is ?? row.was, what);
  assert.ok(row.why !== undefined || status === row.was, `${what}: why?`);
  const type = headers.get("content-type");
  if (status === 200 && method === "GET") {
    assert.equal(type, `${typeof row.shows === "string" ? "text/x-lua" : "application/json"}; charset=utf-8`);
    assert.match(headers.get("etag") ?? "", /^"[\w-]{22}(\.lua)?"$/, what);
    assert.equal(headers.get("cache-control"), "no-store", what);
  } else if (status >= 400 && method !== "HEAD") {
    assert.equal(type, "application/problem+json", what);
    assert.equal(JSON.parse(text).status, status, what);
  }
  if (row.shows !== undefined) {
    assert.deepEqual(typeof row.shows === "string" ? text : JSON.parse(text), row.shows, what);
  }
  if (status === 201) {
    const location = /\/data\/example\.org\/(user|john)\/\w+$/;
    assert.match(headers.get("location") ?? "", location, what);
    assert.equal(text, "", what);
  }
  if (status === 401) {
    const host = row.headers?.host ?? "example.org";
    const challenge = `Basic realm="${host}/data_access", charset="UTF-8", Bearer realm="${host}"`;
    assert.equal(headers.get("www-authenticate"), challenge, what);
  }
  if (method === "OPTIONS") {
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("access-control-max-age"), "7200");
    assert.equal(headers.get("access-control-allow-methods"), "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS");
  }
}
