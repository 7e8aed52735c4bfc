import assert from "node:assert/strict";
import { permissions } from "../../src/build/program.ts";
import { parseNetwork } from "../../src/core/network.ts";
import { createGuarded, type Lookup } from "../../src/outbound/guarded.ts";
import { OutboundError } from "../../src/outbound/outbound_error.ts";

const nothing = { all: false, networks: [], names: [] };
const everything = { ...nothing, all: true };
const request = { headers: { "x-test": "1" }, body: '{"a":1}', timeout: 2_000 };
const failure = async (work: Promise<unknown>) => {
  const error = await work.then(
    (value) => assert.fail(`no failure: ${JSON.stringify(value)}`),
    (error) => error,
  );
  assert.ok(error instanceof OutboundError, String(error?.stack ?? error));
  return error;
};
const leadsTo = (...addresses: string[]): Lookup => () => Promise.resolve(addresses);

for (
  const host of [
    ...[
      "127.0.0.1",
      "127.1",
      "0x7f000001",
      "2130706433",
      "017700000001",
      "0.0.0.0",
      "10.1.2.3",
      "172.16.0.1",
    ],
    ...["192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1"],
    ...[
      "240.0.0.1",
      "255.255.255.255",
      "[::1]",
      "[::]",
      "[::ffff:10.0.0.1]",
      "[::ffff:7f00:1]",
      "[::127.0.0.1]",
    ],
    ...["[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[64:ff9b::a00:1]"],
    ...["[64:ff9b:1::a00:1]", "[2002:a00:1::]", "[2001::1]", "[2001:db8::1]", "[100::1]", "[4000::1]"],
  ]
) {
  Deno.test(`${host} is not called unless somebody allows it`, async () => {
    const guarded = createGuarded({ permitted: nothing });
    const url = new URL(`https://${host}/hook`);
    assert.equal((await failure(guarded.check(url))).kind, "refused");
    assert.equal((await failure(guarded.post(url, request))).kind, "refused");
    await createGuarded({ permitted: everything }).check(url);
  });
}

Deno.test("a public address may be called by https alone, and a name as far as its addresses may", async () => {
  const check = (
    url: string,
    lookup: Lookup,
    permitted = nothing as Parameters<typeof createGuarded>[0]["permitted"],
  ) => createGuarded({ permitted, lookup }).check(new URL(url));
  await check("https://93.184.216.34/", leadsTo());
  await check("https://[2606:4700::1]/", leadsTo());
  await check("https://example.com/", leadsTo("93.184.216.34"));
  await check("https://example.com/", leadsTo("10.0.0.1", "93.184.216.34"));
  assert.equal((await failure(check("http://example.com/", leadsTo("93.184.216.34")))).kind, "refused");
  assert.equal((await failure(check("https://example.com/", leadsTo("10.0.0.1", "::1")))).kind, "refused");
  assert.equal((await failure(check("https://example.com/", leadsTo()))).kind, "unreachable");
  const some = { ...nothing, networks: [parseNetwork("10.0.0.0/8")!], names: ["app.internal"] };
  await check("http://x.example/", leadsTo("10.9.9.9"), some);
  await check("http://app.internal./", leadsTo("192.168.0.1"), some);
  assert.equal((await failure(check("http://x.example/", leadsTo("192.168.0.1"), some))).kind, "refused");
});

Deno.test("a name that leads elsewhere when it is called than when it was looked at is not followed there", async () => {
  const answers = [["93.184.216.34"], ["127.0.0.1"]];
  const guarded = createGuarded({ permitted: nothing, lookup: () => Promise.resolve(answers.shift() ?? []) });
  const url = new URL("https://rebinding.example/");
  await guarded.check(url);
  assert.equal((await failure(guarded.post(url, request))).kind, "refused");
  assert.equal(answers.length, 0);
});

Deno.test("what was looked up is connected to, with the name as the host", async () => {
  let lookups = 0;
  let seen: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (got) => {
    const { pathname, search } = new URL(got.url);
    seen = [
      got.method,
      pathname + search,
      got.headers.get("host")!,
      got.headers.get("x-test")!,
      await got.text(),
    ];
    return new Response("thank you", { status: 202, headers: { "retry-after": "7" } });
  });
  const lookup = () => Promise.resolve([++lookups === 1 ? "127.0.0.1" : "127.9.9.9"]);
  const guarded = createGuarded({ permitted: everything, lookup });
  const { port } = server.addr as Deno.NetAddr;
  const answer = await guarded.post(new URL(`http://hooks.example:${port}/in?x=1#no`), request);
  assert.deepEqual(answer, { status: 202, text: "thank you", retryAfter: 7_000 });
  assert.deepEqual(seen, ["POST", "/in?x=1", `hooks.example:${port}`, "1", '{"a":1}']);
  assert.equal(lookups, 1);
});

Deno.test("of several addresses one that cannot be reached is passed over", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("ok"),
  );
  const { port } = server.addr as Deno.NetAddr;
  const url = new URL(`http://hooks.example:${port}/`);
  const post = (...addresses: string[]) =>
    createGuarded({ permitted: everything, lookup: leadsTo(...addresses) }).post(url, request);
  assert.equal((await post("127.0.0.2", "127.0.0.1")).text, "ok");
  assert.equal((await failure(post("127.0.0.2", "127.0.0.3"))).kind, "unreachable");
});

/** A server below HTTP: it reads a little, and does as it likes. */
async function raw(
  handle: (connection: Deno.Conn) => Promise<void>,
  work: (url: URL) => Promise<void>,
) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const under: Promise<void>[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      under.push((async () => {
        try {
          await connection.read(new Uint8Array(4_096));
          await handle(connection);
        } catch { // the other side has hung up
        }
        try {
          connection.close();
        } catch { // closed
        }
      })());
    }
  })();
  try {
    await work(new URL(`http://127.0.0.1:${listener.addr.port}/`));
  } finally {
    listener.close();
    await serving;
    await Promise.all(under);
  }
}
const say = (text: string) => async (connection: Deno.Conn) => {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
};
const guarded = createGuarded({ permitted: everything });

Deno.test("a status counts, however the body goes on: cut off, without an end, or slow", async () => {
  await raw(say("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf"), async (url) => {
    assert.deepEqual(await guarded.post(url, request), { status: 200, text: "half" });
  });
  await raw(async (connection) => {
    await say("HTTP/1.1 200 OK\r\n\r\n")(connection);
    for (;;) await connection.write(new Uint8Array(65_536).fill(97));
  }, async (url) => {
    const began = performance.now();
    assert.deepEqual(await guarded.post(url, request), { status: 200, text: "a".repeat(500) });
    assert.ok(performance.now() - began < 900);
  });
  await raw(async (connection) => {
    await say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na")(connection);
    await connection.read(new Uint8Array(1));
  }, async (url) => {
    assert.deepEqual(await guarded.post(url, request), { status: 200, text: "a" });
  });
});

Deno.test("redirects are answers, and are not followed", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    let calls = 0;
    await raw((connection) => {
      calls++;
      return say(`HTTP/1.1 ${status} X\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n`)(connection);
    }, async (url) => {
      assert.equal((await guarded.post(url, request)).status, status);
    });
    assert.equal(calls, 1);
  }
});

Deno.test("garbage, huge headers, nothing at all and silence are no answer", async () => {
  const huge = `HTTP/1.1 200 OK\r\n${`x-a: ${"b".repeat(1_000)}\r\n`.repeat(2_000)}\r\n`;
  for (const text of ["garbage\r\n\r\n", "\0\x01\x02\r\n", "HTTP/1.1 2OO OK\r\n\r\n", "", huge]) {
    await raw(say(text), async (url) => {
      const error = await failure(guarded.post(url, { ...request, timeout: 1_500 }));
      assert.ok(["unreachable", "timeout"].includes(error.kind), `${error.kind}: ${text.slice(0, 20)}`);
    });
  }
  await raw(async (connection) => void await connection.read(new Uint8Array(1)), async (url) => {
    const error = await failure(guarded.post(url, { ...request, timeout: 100 }));
    assert.equal(error.kind, "timeout");
  });
  const error = await failure(guarded.post(new URL("http://127.0.0.1:1/"), request));
  assert.equal(error.kind, "unreachable");
});

const openssl = await new Deno.Command("openssl", { args: ["version"], stdout: "null", stderr: "null" })
  .output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "by https, the certificate must be the name's, whatever address it leads to",
  ignore: !openssl,
  async fn() {
    const dir = await Deno.makeTempDir({ prefix: "couplet-tls-" });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Deno.remove(dir, { recursive: true }));
    const args = [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-keyout", `${dir}/key.pem`, "-out", `${dir}/cert.pem`],
    ];
    const made = await new Deno.Command("openssl", { args, stdout: "null", stderr: "piped" }).output();
    assert.ok(made.success, new TextDecoder().decode(made.stderr));
    const [cert, key] = await Promise.all([
      Deno.readTextFile(`${dir}/cert.pem`),
      Deno.readTextFile(`${dir}/key.pem`),
    ]);
    const server = stack.use(
      Deno.serve(
        { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
        (got) => new Response(got.headers.get("host")),
      ),
    );
    const { port } = server.addr as Deno.NetAddr;
    const post = (name: string, ca?: string) =>
      createGuarded({ permitted: everything, lookup: leadsTo("127.0.0.1"), ca })
        .post(new URL(`https://${name}:${port}/`), request);
    assert.deepEqual(await post("hooks.example", cert), { status: 200, text: `hooks.example:${port}` });
    assert.equal((await failure(post("other.example", cert))).kind, "unreachable");
    assert.equal((await failure(post("hooks.example"))).kind, "unreachable");
  },
});

Deno.test("no more rights are needed than the program has", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("ok"),
  );
  const { port } = server.addr as Deno.NetAddr;
  const script = `import { createGuarded } from ${
    JSON.stringify(import.meta.resolve("../../src/outbound/guarded.ts"))
  };
    const { post } = createGuarded({ permitted: { all: true, networks: [], names: [] } });
    const request = { headers: {}, body: "{}", timeout: 2_000 };
    console.log((await post(new URL("http://localhost:${port}/"), request)).text);
    await post(new URL("https://localhost:${port}/"), request).catch((error) => console.log(error.message));`;
  const args = ["run", "--quiet", "--frozen", ...permissions, "-"];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const [first, second] = new TextDecoder().decode(stdout).split("\n");
  assert.equal(first, "ok", new TextDecoder().decode(stderr));
  assert.match(second ?? "", /did not answer: (?!.*Requires).*\.$/);
});
