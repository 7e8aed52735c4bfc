import assert from "node:assert/strict";
import { type CoupletDaemon, startCouplet } from "./daemon.ts";
import { eventually } from "./pair.ts";
import { dial } from "./peer.ts";
import { runProcess } from "./process.ts";

const host = "example.org";
const ns = "urn:couplet:control:1";
const hello = (role = "lookup", domain = host) =>
  `<hello xmlns='${ns}' role='${role}' host='${domain}' server='Prosody test'/>`;
const ask = (id: string, domain = host) =>
  `<iq type='get' id='${id}' to='${domain}'><invites xmlns='${ns}'/></iq>`;

/** A peer as Prosody is one: greeted, asks and is answered. */
async function checkServed({ socket }: CoupletDaemon): Promise<void> {
  using peer = await dial(socket);
  await peer.send(`${hello()}\n${ask("good")}\n`);
  assert.match(await peer.line() ?? "", /^<hello [^>]*version="Couplet /);
  assert.match(await peer.line() ?? "", /^<iq type="result" id="good"/);
}

const daemonWith = () => startCouplet({ hosts: [host, "example.net"] });

/** The resident memory of the daemon's process, which is known by its settings, MiB. */
function residentMemory({ dataDir }: CoupletDaemon): number {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (!Deno.readTextFileSync(`/proc/${name}/environ`).includes(`COUPLET_DATA_DIR=${dataDir}\0`)) continue;
      return Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${name}/status`))?.[1]) / 1024;
    } catch { /* it ended meanwhile */ }
  }
  throw new Error("The daemon's process was not found.");
}

const refusedLines: Record<string, { bytes: string | Uint8Array; condition: string }> = {
  "garbage": { bytes: "GET / HTTP/1.1\r\n\r\n", condition: "not-well-formed" },
  "text before a stanza": { bytes: `x${hello()}\n`, condition: "not-well-formed" },
  "a tag that does not end": { bytes: "<hello \n", condition: "not-well-formed" },
  "two stanzas in a line": { bytes: `${hello()}${ask("1")}\n`, condition: "not-well-formed" },
  "invalid UTF-8": {
    bytes: new Uint8Array([0x3c, 0xff, 0xfe, 0xc3, 0x28, 0x2f, 0x3e, 0x0a]),
    condition: "unsupported-encoding",
  },
  "a NUL": { bytes: "<iq>\u0000</iq>\n", condition: "not-well-formed" },
  "an unknown entity": { bytes: "<iq>&boom;</iq>\n", condition: "not-well-formed" },
  "a DOCTYPE": {
    bytes: `<!DOCTYPE a [<!ENTITY b "bbbb">]><iq>&b;</iq>\n`,
    condition: "restricted-xml",
  },
  "a comment": { bytes: "<iq><!-- --></iq>\n", condition: "restricted-xml" },
  "200,000 nested elements": {
    bytes: `${"<a>".repeat(200_000)}${"</a>".repeat(200_000)}\n`,
    condition: "policy-violation",
  },
  "65 levels": { bytes: `${"<a>".repeat(65)}${"</a>".repeat(65)}\n`, condition: "policy-violation" },
  "a message": { bytes: `<message to='${host}'/>\n`, condition: "unsupported-stanza-type" },
  "a hello without a role": { bytes: `<hello xmlns='${ns}' host='${host}'/>\n`, condition: "bad-format" },
  "a hello for an unknown host": { bytes: `${hello("link", "example.com")}\n`, condition: "host-unknown" },
  "a second hello": { bytes: `${hello()}\n${hello()}\n`, condition: "unsupported-stanza-type" },
};

Deno.test("who breaks the rules of the control socket is told why and cut off, and others are served", async () => {
  await using daemon = await daemonWith();
  for (const [what, { bytes, condition }] of Object.entries(refusedLines)) {
    using peer = await dial(daemon.socket);
    await peer.send(bytes);
    assert.match(await peer.last() ?? "", new RegExp(`^<error xmlns="${ns}"><${condition} `), what);
    await checkServed(daemon);
  }
});

Deno.test("a line without an end is cut off early, and takes no memory", async () => {
  await using daemon = await daemonWith();
  await checkServed(daemon);
  const before = residentMemory(daemon);
  using peer = await dial(daemon.socket);
  const mebibyte = new Uint8Array(1 << 20).fill(97);
  let sent = 0;
  while (sent < 100 && await peer.send(mebibyte)) sent++;
  assert.ok(sent < 10, `${sent} MiB were taken`);
  const after = residentMemory(daemon);
  assert.ok(after - before < 64, `memory grew from ${before} to ${after} MiB`);
  await checkServed(daemon);
});

Deno.test("while peers say half a line, or leave in the middle of one, others are served", async () => {
  await using daemon = await daemonWith();
  using halfway = await dial(daemon.socket);
  await halfway.send(hello().slice(0, 30));
  for (let i = 0; i < 20; i++) {
    const leaver = await dial(daemon.socket);
    await leaver.send(
      i % 2 === 0 ? `${hello()}\n${ask("1").slice(0, 20)}` : `${hello()}\n${ask("1")}\n`.repeat(1),
    );
    leaver.close();
    await checkServed(daemon);
  }
  await halfway.send(`${hello().slice(30)}\n`);
  assert.match(await halfway.line() ?? "", /^<hello /);
});

Deno.test("a peer that begins a line and falls silent is cut off after ten seconds, one that goes on is not", async () => {
  await using daemon = await daemonWith();
  using silent = await dial(daemon.socket);
  using busy = await dial(daemon.socket);
  await silent.send(hello().slice(0, 30));
  // Each write ends a line and begins the next: this one never stops in the middle for more than a second.
  let begun = `${hello()}\n${ask("0").slice(0, 20)}`;
  const started = performance.now();
  for (let i = 1; performance.now() - started < 12_000; i++) {
    assert.ok(await busy.send(begun), `the busy peer was cut off after ${performance.now() - started} ms`);
    assert.match(
      await busy.line() ?? "cut off",
      i === 1 ? /^<hello/ : new RegExp(`^<iq type="result" id="${i - 2}"`),
    );
    begun = `${ask(String(i - 1)).slice(20)}\n${ask(String(i)).slice(0, 20)}`;
    await new Promise((resolve) => setTimeout(resolve, 500)); // what is tested is the passing of time
  }
  assert.equal(await silent.last(100), undefined);
  await checkServed(daemon);
});

Deno.test("three hundred connections at once do no harm to those that are there, nor to later ones", async () => {
  await using daemon = await daemonWith();
  using good = await dial(daemon.socket);
  await good.send(`${hello()}\n`);
  assert.match(await good.line() ?? "", /^<hello /);
  const crowd = await Promise.all(Array.from({ length: 300 }, () => dial(daemon.socket)));
  try {
    await good.send(`${ask("1")}\n`);
    assert.match(await good.line() ?? "", /^<iq type="result" id="1"/);
    assert.equal((await fetch(`${daemon.url}/livez`)).status, 200);
    const served = await Promise.all(crowd.map(async (peer) => {
      await peer.send(`${hello()}\n`);
      return (await peer.line())?.startsWith("<hello ") ?? false;
    }));
    assert.equal(served.filter(Boolean).length, 255);
  } finally {
    for (const peer of crowd) peer.close();
  }
  // That they have gone, the daemon hears a moment later.
  await eventually(() => checkServed(daemon).then(() => true, () => false));
});

Deno.test("two links for a host cannot be at once; when the first has gone another may come", async () => {
  await using daemon = await daemonWith();
  const first = await dial(daemon.socket);
  await first.send(`${hello("link")}\n`);
  assert.match(await first.line() ?? "", /^<hello /);
  using second = await dial(daemon.socket);
  await second.send(`${hello("link")}\n`);
  assert.match(
    await second.line() ?? "",
    /^<error [^>]*><conflict .*Another Prosody is linked for example\.org/,
  );
  assert.equal(await second.line(), undefined);
  using other = await dial(daemon.socket);
  await other.send(`${hello("link", "example.net")}\n`);
  assert.match(await other.line() ?? "", /^<hello /);

  await first.send(`${ask("1")}\n`);
  assert.match(await first.line() ?? "", /^<iq type="result" id="1"/);
  first.close();
  await daemon.logged("Prosody is no longer linked");
  using third = await dial(daemon.socket);
  await third.send(`${hello("link")}\n`);
  assert.match(await third.line() ?? "", /^<hello /);
});

Deno.test("an iq is answered for the host of the hello alone, and not before it", async () => {
  await using daemon = await daemonWith();
  using peer = await dial(daemon.socket);
  await peer.send(`${ask("early")}\n`);
  assert.match(await peer.line() ?? "", /^<iq type="error" id="early".*<forbidden .*Say hello first/);
  using greeted = await dial(daemon.socket);
  await greeted.send(
    `${hello()}\n${ask("other", "example.net")}\n${ask("none", "example.com")}\n${ask("own")}\n`,
  );
  assert.match(await greeted.line() ?? "", /^<hello /);
  const answers = [await greeted.line() ?? "", await greeted.line() ?? "", await greeted.line() ?? ""];
  const answer = (id: string) => answers.find((line) => line.includes(`id="${id}"`)) ?? "";
  assert.match(answer("other"), /type="error".*<forbidden .*example\.org alone/);
  assert.match(answer("none"), /type="error".*<item-not-found .*not served/);
  assert.match(answer("own"), /type="result"/);
  await checkServed(daemon);
});

Deno.test("a peer that asks much and reads nothing is not waited for", async () => {
  await using daemon = await daemonWith();
  using deaf = await dial(daemon.socket);
  await deaf.send(`${hello()}\n`);
  const flood = deaf.send(`${ask("x".repeat(900))}\n`.repeat(20_000));
  for (let i = 0; i < 5; i++) await checkServed(daemon);
  deaf.close();
  await flood;
  await checkServed(daemon);
});

Deno.test("only the owner and the group may open the control socket, and only the owner the store", async () => {
  await using daemon = await daemonWith();
  const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  assert.equal(await mode(daemon.socket), 0o660);
  for await (const { name } of Deno.readDir(daemon.dataDir)) {
    if (name !== "control.sock") assert.equal(await mode(`${daemon.dataDir}/${name}`) & 0o077, 0, name);
  }
});

Deno.test("a second daemon on the same data folder says what is wrong and ends; the first serves on", async () => {
  await using daemon = await daemonWith();
  const env = {
    COUPLET_DATA_DIR: daemon.dataDir,
    COUPLET_HOSTS: host,
    COUPLET_HTTP_LISTEN: "127.0.0.1:0",
    COUPLET_LOG_FORMAT: "json",
  };
  const command = [Deno.execPath(), "run", "--frozen", "--allow-all", "main.ts", "serve"];
  const { code, stderr } = await runProcess(command, env);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /Another daemon/);
  assert.ok(stderr.includes(daemon.dataDir), stderr);
  assert.doesNotMatch(stderr, /\bat .*\.ts:\d+/, "a stack trace is no message");
  await checkServed(daemon);
});

Deno.test("a daemon takes over the socket of one that was killed", async () => {
  await using daemon = await daemonWith();
  await daemon.kill();
  assert.equal((await Deno.lstat(daemon.socket)).isSocket, true);
  await daemon.restart();
  await checkServed(daemon);
  assert.equal(((await Deno.stat(daemon.socket)).mode ?? 0) & 0o777, 0o660);
});
