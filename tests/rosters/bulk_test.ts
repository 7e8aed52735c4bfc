import assert from "node:assert/strict";
import { createTestApp, type TestApp } from "../harness.ts";
import { both, contact, type Json } from "./rig.ts";

const marie = "marie@example.org";
const type = { "content-type": "application/x-ndjson" };
const encoder = new TextEncoder();

/** The answer to lines that are all there: its lines, and the last one apart. */
async function bulk(app: TestApp, body: BodyInit, key: string, path = "/v1/rosters") {
  const answer = await app.fetch(path, { method: "POST", key, body, headers: type });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/x-ndjson");
  const lines: Json[] = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
  return { lines: lines.slice(0, -1), last: lines.at(-1) };
}

const ndjson = (...lines: unknown[]) => lines.map((line) => JSON.stringify(line) + "\n").join("");

async function roster(app: TestApp, user: string, key: string): Promise<Json> {
  return await (await app.fetch(`/v1/rosters/${user}`, { key })).json();
}

Deno.test("each line is answered in its order with its own report or problem, and the last line counts", async () => {
  const prosody = { userExists: (_: string, name: string) => Promise.resolve(name !== "ghost") };
  await using app = await createTestApp({ prosody });
  const key = await app.key({ scopes: both });
  const body = ndjson({ user: "John", roster: { [marie]: { name: "Marie" } } }) + "\r\n \n" +
    ndjson(
      { user: "ann", roster: { [marie]: {}, "a b@example.org": {} } },
      { user: "john", patch: { [marie]: { groups: ["x"] } } },
      { user: "john", patch: {} },
      { user: "ghost", roster: {} },
      { user: "john" },
      { user: "john", roster: {}, patch: {} },
      { user: "john", rooster: {} },
      { user: 5, roster: {} },
      { roster: {} },
      { user: "john", roster: null },
      { user: "a b", roster: {} },
      ["john"],
    ) + '{"user":\n"\u00ff"\nnull\n' + JSON.stringify({ user: "eve", roster: { [marie]: {} } });
  const { lines, last } = await bulk(app, body, key);
  const report = { changed: [], removed: [], added: [], status: 200 };
  assert.deepEqual(lines[0], { ...report, line: 1, user: "john", version: 1, added: [marie] });
  assert.deepEqual(lines[1], {
    ...{ line: 4, user: "ann", type: "urn:couplet:problem:invalid", title: "Some values are not valid" },
    ...{ status: 422, detail: "Nothing was changed. /a b@example.org: This is not a JID." },
    errors: [{ pointer: "/a b@example.org", detail: "This is not a JID." }],
  });
  assert.deepEqual(lines[2], { ...report, line: 5, user: "john", version: 2, changed: [marie] });
  assert.deepEqual(lines[3], { ...report, line: 6, user: "john", version: 2 });
  const rest = lines.slice(4).map(({ line, user, status }: Json) => [line, user, status]);
  assert.deepEqual(rest, [
    [7, "ghost", 404],
    [8, "john", 422],
    [9, "john", 422],
    [10, "john", 422],
    [11, undefined, 422],
    [12, undefined, 422],
    [13, "john", 422],
    [14, "a b", 404],
    [15, undefined, 422],
    [16, undefined, 400],
    [17, undefined, 422],
    [18, undefined, 422],
    [19, "eve", 200],
  ]);
  assert.equal(lines[7].errors[0].pointer, "/rooster");
  assert.deepEqual(last, { done: true, changed: 3, failed: 13 });
  assert.deepEqual(await roster(app, "john", key), { [marie]: contact("Marie", ["x"]) });
  assert.deepEqual(await roster(app, "ann", key), {}, "nothing of a line that is wrong");
});

Deno.test("lines that are too long or no UTF-8 fail alone, however the body is cut into chunks", async () => {
  await using app = await createTestApp({ toml: "[rosters]\nmax_body = 200" });
  const key = await app.key({ scopes: both });
  const good = (user: string) => ndjson({ user, patch: { "jörg@example.org": {} } });
  const exact = (extra: number) => {
    const rest = ndjson({ user: "exact", patch: { [marie]: { name: "" } } }).length - 1;
    return ndjson({ user: "exact", patch: { [marie]: { name: "x".repeat(200 - rest + extra) } } });
  };
  const bytes = new Uint8Array([
    ...encoder.encode(
      good("ann") + `{"user":"long","patch":{"${"x".repeat(5_000)}\n` + good("ben") + exact(0) + exact(1),
    ),
    ...[0x22, 0xff, 0x22, 0x0a],
    ...encoder.encode(good("cat") + "\n\n" + "y".repeat(201)),
  ]);
  for (const size of [1, 2, 7, 199, 200, 201, 1_000, bytes.length]) {
    const chunks = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.slice(i * size, (i + 1) * size),
    );
    const { lines, last } = await bulk(app, ReadableStream.from(chunks), key);
    assert.deepEqual(lines.map(({ line, status }: Json) => [line, status]), [
      ...[[1, 200], [2, 413], [3, 200], [4, 200], [5, 413], [6, 400], [7, 200], [10, 413]],
    ], `chunks of ${size}`);
    assert.deepEqual([last.done, last.failed], [true, 4]);
  }
  assert.deepEqual(Object.keys(await roster(app, "cat", key)), ["jörg@example.org"]);
});

Deno.test("a body without lines is done at once, and one of another type is refused", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  for (const body of ["", "\n\n", " \r\n"]) {
    assert.deepEqual(await bulk(app, body, key), { lines: [], last: { done: true, changed: 0, failed: 0 } });
  }
  const none = await app.fetch("/v1/rosters", { method: "POST", key, headers: type });
  assert.deepEqual(await none.json(), { done: true, changed: 0, failed: 0 });
  assert.equal((await app.fetch("/v1/rosters", { method: "POST", key, json: {} })).status, 415);
});

Deno.test("a dry run says what would change, line by line, and changes nothing", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  const body = ndjson({ user: "john", roster: { [marie]: {} } });
  const { lines, last } = await bulk(app, body, key, "/v1/rosters?dry_run=true");
  assert.deepEqual([lines[0].added, lines[0].dry_run, last.changed], [[marie], true, 1]);
  assert.deepEqual(await roster(app, "john", key), {});
  const odd = await app.fetch("/v1/rosters?dry=true", { method: "POST", key, body, headers: type });
  assert.equal(odd.status, 422);
});

Deno.test("lines of one user run in their order, beside two hundred of others", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  const lines = Array.from({ length: 400 }, (_, i) => ({
    user: i % 2 ? "john" : `user${i}`,
    roster: { [marie]: { name: String(i) } },
  }));
  const answer = await bulk(app, ndjson(...lines), key);
  assert.deepEqual(answer.lines.map(({ line }: Json) => line), lines.map((_, i) => i + 1));
  assert.deepEqual(answer.last, { done: true, changed: 400, failed: 0 });
  assert.deepEqual(await roster(app, "john", key), { [marie]: contact("399") });
  const versions = answer.lines.filter(({ user }: Json) => user === "john").map(({ version }: Json) =>
    version
  );
  assert.deepEqual(versions, Array.from({ length: 200 }, (_, i) => i + 1));
});

Deno.test("a line is answered while the request goes on, and who does not read the answers is not read", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const answer = await app.fetch("/v1/rosters", { method: "POST", key, body: readable, headers: type });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (const user of ["john", "ann"]) {
    await writer.write(encoder.encode(ndjson({ user, roster: { [marie]: {} } })));
    const { value } = await reader.read();
    assert.equal(JSON.parse(value ?? "").user, user, "while the body is open");
  }
  let written = 0;
  const flood = (async () => {
    for (let i = 0; i < 5_000; i++, written++) {
      await writer.write(encoder.encode(ndjson({ user: `user${i}`, patch: {} })));
    }
    await writer.close();
  })();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(written < 100, `${written} lines were taken without an answer being read`);
  let rest = "";
  for (let next = await reader.read(); !next.done; next = await reader.read()) rest += next.value;
  await flood;
  assert.equal(rest.trimEnd().split("\n").length, 5_001);
});

Deno.test("a body above its limit ends the work: the answer says that it is not done", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  const announced = await app.fetch("/v1/rosters", {
    ...{ method: "POST", key, body: ndjson({ user: "john", roster: {} }) },
    headers: { ...type, "content-length": String(2 ** 30 + 1) },
  });
  assert.equal(announced.status, 413);
  const first = encoder.encode(ndjson({ user: "john", roster: { [marie]: {} } }));
  const megabytes = new Uint8Array(32 << 20).fill(0x20);
  async function* endless() {
    yield first;
    for (;;) yield megabytes;
  }
  const { lines, last } = await bulk(app, ReadableStream.from(endless()), key);
  assert.deepEqual(lines.map(({ status }: Json) => status), [200, 413]);
  assert.match(lines[1].detail, /1073741824 bytes/);
  assert.deepEqual(last, { done: false, changed: 1, failed: 1 });
});

Deno.test("a client that goes away stops the work, and nothing is left undone or unhandled", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  let sent = 0;
  let isClosed = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      controller.enqueue(encoder.encode(ndjson({ user: `user${sent++}`, roster: { [marie]: {} } })));
    },
    cancel() {
      isClosed = true;
    },
  });
  const answer = await app.fetch("/v1/rosters", { method: "POST", key, body, headers: type });
  const reader = answer.body!.getReader();
  for (let i = 0; i < 5; i++) await reader.read();
  await reader.cancel();
  assert.ok(isClosed, "the body is read no more");
  const [before, count] = [sent, await countRosters(app)];
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(sent <= before + 1, "one line may have been on its way");
  assert.equal(await countRosters(app), count);
  assert.ok(count >= 5 && count <= before);
});

Deno.test("a client that goes away between two lines lets go of the body, and half a line is not taken for one", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  for (const how of ["cancel", "abort"]) {
    let isClosed = false;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode(ndjson({ user: "john", patch: { [marie]: {} } })));
        controller.enqueue(encoder.encode('{"user":"ann","patch":{"marie@example.org":{}}}')); // might go on
      },
      cancel() {
        isClosed = true;
      },
    });
    const client = new AbortController();
    const init = { method: "POST", key, body, headers: type, signal: client.signal };
    const reader = (await app.fetch("/v1/rosters", init)).body!.getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /^{"line":1,/);
    if (how === "cancel") await reader.cancel();
    else {
      client.abort();
      while (!(await reader.read()).done);
    }
    assert.ok(isClosed, how);
    assert.deepEqual(await roster(app, "ann", key), {}, how);
  }
});

Deno.test("a body that breaks off stops the work; lines that had begun are done", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  async function* broken() {
    yield encoder.encode(ndjson({ user: "john", roster: { [marie]: {} } }) + '{"user":"ann","roster":{}}');
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new Error("connection reset");
  }
  const body = ReadableStream.from(broken());
  const answer = await app.fetch("/v1/rosters", { method: "POST", key, body, headers: type });
  const lines: Json[] = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ status }) => status), [200, 400, undefined]);
  assert.deepEqual(lines[2], { done: false, changed: 1, failed: 1 });
  assert.equal(await countRosters(app), 1, "what may be half a line is not taken for a whole one");
});

async function countRosters({ database }: TestApp): Promise<number> {
  return (await database.db.selectFrom("roster").select("id").execute()).length;
}

Deno.test("over a real connection: answers come while the request is sent, and a hang-up is survived", async () => {
  await using app = await createTestApp();
  const key = await app.key({ scopes: both });
  const { createApp } = await import("../../src/app.ts");
  const handler = createApp(app.services, () => Promise.resolve(true)).fetch;
  await using server = Deno.serve({ port: 0, onListen: () => {} }, (request) => handler(request));
  const { port } = server.addr as Deno.NetAddr;
  const head = `POST /v1/rosters HTTP/1.1\r\nHost: example.org\r\nAuthorization: Bearer ${key}\r\n` +
    "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
  const chunk = (text: string) => encoder.encode(`${text.length.toString(16)}\r\n${text}\r\n`);
  for (let round = 0; round < 3; round++) {
    const connection = await Deno.connect({ port });
    await connection.write(encoder.encode(head));
    await connection.write(chunk(ndjson({ user: `user${round}`, roster: { [marie]: {} } })));
    const reader = connection.readable.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes(`"user":"user${round}"`)) text += (await reader.read()).value ?? "";
    assert.match(text, /^HTTP\/1\.1 200 OK/);
    await connection.write(chunk(ndjson({ user: "late", patch: {} }) + '{"user":"half"'));
    connection.close();
  }
  const after = await fetch(`http://127.0.0.1:${port}/v1/rosters/user1`, {
    headers: { authorization: `Bearer ${key}`, host: "example.org" },
    client: Deno.createHttpClient({ allowHost: true }),
  });
  assert.deepEqual(await after.json(), { [marie]: contact() });
});
