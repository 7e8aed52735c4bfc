import assert from "node:assert/strict";
import { createChannel } from "../../src/channel/server.ts";
import { controlNs, parseStanza, xml } from "../../src/channel/stanza.ts";
import { Problem } from "../../src/core/problem.ts";
import { createProsodyOverChannel } from "../../src/prosody/over_channel.ts";

/** Two ends of a pipe: one for the channel, one to write lines to and read elements from. */
function pipe() {
  const toServer: Uint8Array[] = [];
  let closed = false;
  let wake = () => {};
  let received = "";
  let told = () => {};
  const wire = {
    async read(buffer: Uint8Array) {
      while (toServer.length === 0 && !closed) await new Promise<void>((resolve) => wake = resolve);
      const chunk = toServer.shift();
      if (!chunk) return null;
      buffer.set(chunk);
      return chunk.length;
    },
    write(bytes: Uint8Array) {
      received += new TextDecoder().decode(bytes);
      told();
      return Promise.resolve(bytes.length);
    },
    close() {
      closed = true;
      wake();
      told();
    },
  };
  return {
    wire,
    say(text: string) {
      toServer.push(new TextEncoder().encode(text));
      wake();
    },
    hangUp: () => wire.close(),
    isClosed: () => closed,
    async hear() {
      while (!received.includes("\n")) {
        if (closed) throw new Error("closed");
        await new Promise<void>((resolve) => told = resolve);
      }
      const end = received.indexOf("\n");
      const line = received.slice(0, end);
      received = received.slice(end + 1);
      return parseStanza(line);
    },
  };
}

function rig() {
  const gates = new Map<string, () => void>();
  const channel = createChannel({
    version: "1",
    isServed: (host) => host === "example.org" || host === "example.net",
    describe: () => ({ landing_page: "https://x/" }),
    handlers: {
      [`get ${controlNs} echo`]: ({ host, user }) => xml("echo", { xmlns: controlNs, host, user }),
      [`get ${controlNs} refuse`]: () => {
        throw new Problem("invite-spent", "No more.");
      },
      [`get ${controlNs} break`]: () => {
        throw new Error("secret detail");
      },
      [`get ${controlNs} wait`]: async ({ payload }) => {
        await new Promise<void>((resolve) => gates.set(payload.attrs.n, resolve));
        return xml("waited", { n: payload.attrs.n });
      },
      ["get jabber:iq:roster query"]: () => xml("query", { xmlns: "jabber:iq:roster" }),
    },
  });
  return { channel, gates };
}

const hello = (role = "lookup", host = "example.org") =>
  `<hello xmlns='${controlNs}' role='${role}' host='${host}' server='Prosody 13.0.1'/>\n`;
const ask = (name: string, id = "1", to = "example.org", attrs = "") =>
  `<iq type='get' id='${id}' to='${to}'><${name} xmlns='${controlNs}'${attrs}/></iq>\n`;

Deno.test("a hello is answered with our name and what a host needs, and an iq with its id", async () => {
  const { channel } = rig();
  const peer = pipe();
  channel.accept(peer.wire);
  peer.say(hello() + ask("echo", "7", "ann@example.org"));
  const greeting = await peer.hear();
  assert.deepEqual([greeting.name, greeting.attrs.version, greeting.attrs.landing_page], [
    "hello",
    "Couplet 1",
    "https://x/",
  ]);
  const reply = await peer.hear();
  assert.deepEqual([reply.attrs.type, reply.attrs.id, reply.attrs.from], ["result", "7", "ann@example.org"]);
  assert.equal(reply.getChild("echo")?.attrs.user, "ann");
  await channel.close();
});

Deno.test("answers may come out of order, each with its own id", async () => {
  const { channel, gates } = rig();
  const peer = pipe();
  channel.accept(peer.wire);
  peer.say(hello() + ask("wait", "a", "example.org", " n='1'") + ask("wait", "b", "example.org", " n='2'"));
  await peer.hear();
  while (gates.size < 2) await new Promise((resolve) => setTimeout(resolve));
  gates.get("2")?.();
  assert.equal((await peer.hear()).attrs.id, "b");
  gates.get("1")?.();
  assert.equal((await peer.hear()).attrs.id, "a");
  await channel.close();
});

Deno.test("a refusal is a stanza error with condition, text and our code; a bug tells nothing of itself", async () => {
  const { channel } = rig();
  const peer = pipe();
  channel.accept(peer.wire);
  peer.say(hello() + ask("refuse") + ask("break") + ask("unheard-of"));
  await peer.hear();
  const refused = (await peer.hear()).getChild("error");
  assert.equal(refused?.attrs.type, "cancel");
  assert.ok(refused?.getChild("gone", "urn:ietf:params:xml:ns:xmpp-stanzas"));
  assert.equal(refused?.getChildText("text"), "No more.");
  assert.equal(refused?.getChild("problem")?.attrs.code, "invite-spent");
  const broken = await peer.hear();
  assert.ok(broken.getChild("error")?.getChild("internal-server-error"));
  assert.ok(!broken.toString().includes("secret detail"));
  assert.ok((await peer.hear()).getChild("error")?.getChild("feature-not-implemented"));
  await channel.close();
});

Deno.test("without a hello only what RFC 6121 offers any server is answered", async () => {
  const { channel } = rig();
  const peer = pipe();
  channel.accept(peer.wire);
  peer.say("<iq type='get' id='1' to='ann@example.org'><query xmlns='jabber:iq:roster'/></iq>\n");
  assert.equal((await peer.hear()).attrs.type, "result");
  peer.say(ask("echo"));
  assert.ok((await peer.hear()).getChild("error")?.getChild("forbidden"));
  await channel.close();
});

Deno.test("a connection speaks for its own host alone, and for none that is not served", async () => {
  const { channel } = rig();
  const peer = pipe();
  channel.accept(peer.wire);
  peer.say(
    hello() + ask("echo", "1", "example.net") + ask("echo", "2", "nosuch.example") +
      ask("echo", "3", "EXAMPLE.org"),
  );
  await peer.hear();
  assert.ok((await peer.hear()).getChild("error")?.getChild("forbidden"));
  assert.ok((await peer.hear()).getChild("error")?.getChild("item-not-found"));
  assert.equal((await peer.hear()).attrs.type, "result");
  const stranger = pipe();
  channel.accept(stranger.wire);
  stranger.say(hello("lookup", "nosuch.example"));
  assert.ok((await stranger.hear()).getChild("host-unknown"));
  await channel.close();
});

Deno.test("what cannot be understood ends that connection with one stream error, and no other", async () => {
  const { channel } = rig();
  const good = pipe();
  channel.accept(good.wire);
  good.say(hello());
  await good.hear();
  for (
    const [line, condition] of [
      ["nonsense\n", "not-well-formed"],
      ["<message/>\n", "unsupported-stanza-type"],
      ["<!DOCTYPE x>\n", "restricted-xml"],
      [hello("owner"), "bad-format"],
      [hello() + hello(), "unsupported-stanza-type"],
      ["x".repeat(60_000), "policy-violation"],
    ] as const
  ) {
    const bad = pipe();
    const connection = channel.accept(bad.wire);
    for (let i = 0; i < (line.length > 50_000 ? 20 : 1); i++) bad.say(line);
    let last = await bad.hear();
    if (last.name === "hello") last = await bad.hear();
    assert.equal(last.name, "error");
    assert.ok(last.getChild(condition), `${condition}: ${last}`);
    await connection.ended;
    assert.ok(bad.isClosed());
  }
  good.say(ask("echo"));
  assert.equal((await good.hear()).attrs.type, "result");
  await channel.close();
});

Deno.test("a second Prosody's link for a host is refused while the first is there, and taken afterwards", async () => {
  const { channel } = rig();
  const [first, second, third] = [pipe(), pipe(), pipe()];
  const connection = channel.accept(first.wire);
  first.say(hello("link"));
  await first.hear();
  channel.accept(second.wire);
  second.say(hello("link"));
  assert.ok((await second.hear()).getChild("conflict"));
  assert.ok(channel.link("example.org"));
  first.hangUp();
  await connection.ended;
  assert.equal(channel.link("example.org"), undefined);
  channel.accept(third.wire);
  third.say(hello("link"));
  assert.equal((await third.hear()).name, "hello");
  await channel.close();
});

Deno.test("we ask a linked Prosody, and one that refuses, hangs up or is not there leaves us with 'unknown'", async () => {
  const { channel } = rig();
  const prosody = createProsodyOverChannel(channel);
  assert.equal(await prosody.userExists("example.org", "ann"), undefined);
  const peer = pipe();
  channel.accept(peer.wire);
  peer.say(hello("link"));
  await peer.hear();
  for (
    const [answer, expected] of [["<user xmlns='urn:couplet:control:1' exists='true'/>", true], [
      "<user xmlns='urn:couplet:control:1' exists='false'/>",
      false,
    ], ["", undefined]] as const
  ) {
    const asked = prosody.userExists("example.org", "ann");
    const iq = await peer.hear();
    assert.deepEqual([iq.attrs.type, iq.attrs.to], ["get", "ann@example.org"]);
    peer.say(`<iq type='result' id='${iq.attrs.id}'>${answer}</iq>\n`);
    assert.equal(await asked, expected);
  }
  const cut = prosody.userExists("example.org", "ann");
  await peer.hear();
  peer.hangUp();
  assert.equal(await cut, undefined);
  await channel.close();
});
