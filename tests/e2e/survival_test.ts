import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type CoupletDaemon, startCouplet } from "./daemon.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually, type InviteSeen, makeKey, startPair } from "./pair.ts";
import { conditionOf, xml } from "./xmpp_client.ts";

const host = "example.org";

/** One POST /v1/invites: the token, if it was acknowledged. */
async function post(url: string, key: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/v1/invites`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: "{}",
    });
    const body = await response.json() as InviteSeen;
    assert.equal(response.status, 201, JSON.stringify(body));
    return body.token;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return undefined; // the daemon is down, or died before all of its answer was sent
  }
}

/** Eight who make invites until told to stop: the acknowledged tokens. */
function load(url: string, key: string): { readonly made: string[]; stop(): Promise<void> } {
  const made: string[] = [];
  let on = true;
  const loops = Array.from({ length: 8 }, async () => {
    while (on) {
      const token = await post(url, key);
      if (token !== undefined) made.push(token);
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  // A failure is told when stop is called; nobody hears it before.
  const ended = Promise.all(loops);
  ended.catch(() => {});
  return {
    made,
    async stop() {
      on = false;
      await ended;
    },
  };
}

/** Every token that a daemon lists, page by page. */
async function allTokens(url: string, key: string): Promise<Set<string>> {
  const tokens = new Set<string>();
  for (let path: string | undefined = "/v1/invites?limit=200"; path !== undefined;) {
    const response: Response = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
    assert.equal(response.status, 200);
    const page = await response.json() as { invites: InviteSeen[]; next?: string };
    for (const { token } of page.invites) tokens.add(token);
    path = page.next;
  }
  return tokens;
}

function checkIntegrity({ dataDir }: CoupletDaemon): void {
  const database = new DatabaseSync(`${dataDir}/couplet.db`, { readOnly: true });
  try {
    assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
    assert.deepEqual(database.prepare("pragma foreign_key_check").all(), []);
  } finally {
    database.close();
  }
}

const missing = (wanted: Iterable<string>, present: Set<string>) =>
  [...wanted].filter((token) => !present.has(token));

/** Twenty processes make a key each, all at once. */
async function makeTwenty(daemon: CoupletDaemon): Promise<string[]> {
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, i) => daemon.cli("keys", "create", host, `Key ${i}`)),
  );
  for (const { code, stderr } of made) assert.equal(code, 0, stderr);
  const keys = made.map(({ stdout }) => stdout.trim());
  assert.equal(new Set(keys).size, 20);
  return keys;
}

async function checkKeys(daemon: CoupletDaemon, keys: string[]): Promise<void> {
  for (const key of keys) assert.notEqual(await post(daemon.url, key), undefined);
  const headers = { authorization: `Bearer ${keys[0]?.slice(0, -1)}` };
  assert.equal(
    await fetch(`${daemon.url}/v1/invites`, { headers }).then((r) => (r.body?.cancel(), r.status)),
    401,
  );
}

Deno.test("of twenty keys made by twenty processes at once all work", async () => {
  await using daemon = await startCouplet({ hosts: [host] });
  await checkKeys(daemon, await makeTwenty(daemon));
});

Deno.test("of twenty keys made at once while no daemon runs all work when one does", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "couplet-survival-" });
  try {
    await using daemon = await startCouplet({ hosts: [host], dataDir });
    await daemon.kill();
    const keys = await makeTwenty(daemon);
    await daemon.restart();
    await checkKeys(daemon, keys);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("twenty processes that begin a data folder together all find it good", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "couplet-survival-" });
  try {
    await using daemon = await startCouplet({ hosts: [host], dataDir });
    await daemon.stop();
    for await (const { name } of Deno.readDir(dataDir)) await Deno.remove(`${dataDir}/${name}`);
    const keys = await makeTwenty(daemon);
    await daemon.restart();
    await checkKeys(daemon, keys);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("commands and a daemon under load write into one store, and nothing acknowledged is lost", async () => {
  await using daemon = await startCouplet({ hosts: [host] });
  const key = await makeKey(daemon, host);
  const http = load(daemon.url, key);
  const byCommand = await Promise.all(Array.from({ length: 4 }, async () => {
    const tokens: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { code, stdout, stderr } = await daemon.cli("invites", "create", host, "--json");
      assert.equal(code, 0, stderr);
      tokens.push((JSON.parse(stdout) as InviteSeen).token);
    }
    return tokens;
  }));
  await http.stop();
  assert.ok(http.made.length > 100, `${http.made.length}`);
  const present = await allTokens(daemon.url, key);
  assert.deepEqual(missing([...http.made, ...byCommand.flat()], present), []);
  assert.equal(present.size, http.made.length + 20);
  checkIntegrity(daemon);
});

onEachProsody(
  "ten crashes under load lose no acknowledged invite, and Prosody serves on",
  async (install) => {
    await using pair = await startPair(install, { config: "couplet_pause = 1" });
    const { couplet } = pair;
    await pair.account("alice");
    await using alice = await pair.user("alice");
    const answers = async () => {
      const reply = await alice.iq("get", host, xml("ping", { xmlns: "urn:xmpp:ping" }));
      assert.ok(reply.attrs.type === "result" || conditionOf(reply) === "service-unavailable", String(reply));
    };
    const before = (await pair.invite()).token;
    const key = await makeKey(couplet, host);
    const http = load(couplet.url, key);
    for (let i = 0; i < 10; i++) {
      const enough = http.made.length + 20;
      await eventually(() => http.made.length > enough);
      await couplet.kill();
      await answers();
      assert.equal(await pair.canLogIn("alice"), true);
      await couplet.restart();
    }
    await http.stop();

    const present = await allTokens(couplet.url, key);
    assert.deepEqual(missing([before, ...http.made], present), []);
    checkIntegrity(couplet);
    await pair.linkedAgain();
    await answers();
    await using guest = await pair.guest(http.made.at(-1) ?? "");
    assert.equal(conditionOf(await guest.register("bob", "a secret")), undefined);
    assert.equal(await pair.canLogIn("bob"), true);
  },
);

onEachProsody("either side may be restarted or crash: they link again, and invites work", async (install) => {
  await using pair = await startPair(install);
  const { couplet, prosody } = pair;
  const linked = () => couplet.log().split(`"message":"Prosody is linked"`).length - 1;
  const steps = {
    bob: () => couplet.restart(),
    carol: () => prosody.restart(),
    dave: () => prosody.kill().then(() => prosody.restart()),
    eve: () => couplet.kill().then(() => couplet.restart()),
  };
  for (const [name, step] of Object.entries(steps)) {
    const { token } = await pair.invite();
    const links = linked();
    await step();
    await eventually(() => linked() > links);
    await using guest = await pair.guest(token);
    assert.equal(conditionOf(await guest.register(name, "a secret")), undefined, name);
    assert.equal(await pair.canLogIn(name), true, name);
    assert.equal((await pair.look(token)).state, "used", name);
  }
});

onEachProsody(
  "a use that was held when the daemon died is free again once its lease is over",
  async (install) => {
    await using pair = await startPair(install, { config: "couplet_pause = 1" });
    const { token } = await pair.invite({ username: "alice" });
    await using guest = await pair.guest(token);
    // A hold is made as Prosody's modules make it, by somebody who then says nothing more.
    const conn = await Deno.connect({ transport: "unix", path: pair.couplet.socket });
    const lines = [
      `<hello xmlns='urn:couplet:control:1' role='lookup' host='${host}' server='Prosody test'/>`,
      `<iq type='set' id='1' to='alice@${host}'><reserve xmlns='urn:couplet:control:1' token='${token}' ` +
      `claim='c1' exists='false'/></iq>`,
    ];
    await conn.write(new TextEncoder().encode(lines.join("\n") + "\n"));
    let heard = "";
    const decoder = new TextDecoder();
    for await (const part of conn.readable) {
      heard += decoder.decode(part, { stream: true });
      if (heard.includes("</iq>") || /<iq [^>]*\/>/.test(heard)) break;
    }
    assert.match(heard, /type="result"/);
    assert.equal(conditionOf(await guest.register("alice", "a secret")), "conflict");

    const database = new DatabaseSync(`${pair.couplet.dataDir}/couplet.db`);
    await pair.couplet.kill();
    database.exec("update redemption set held_until = 0"); // as if a minute had gone by
    database.close();
    await pair.couplet.restart();
    await pair.linkedAgain();
    // The daemon asks Prosody first, at its next house-keeping: perhaps the account was made.
    await eventually(
      async () => conditionOf(await guest.register("alice", "a secret")) === undefined,
      15_000,
    );
    assert.equal(await pair.canLogIn("alice"), true);
  },
);
