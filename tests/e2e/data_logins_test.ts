import assert from "node:assert/strict";
import { account, type DataStage, dataToml, inSql, shell, startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";
import { conditionOf } from "./xmpp_client.ts";

const user = "user:a secret";

/** The status of reading what is not there: 404 for who is let in. */
const read = async (stage: DataStage, as: string, headers: Record<string, string> = {}) =>
  (await stage.data("GET", "teststore", { as, headers })).status;

/** Remembered first, so that each change has something to end. */
async function lettingIn(stage: DataStage, as: string): Promise<void> {
  assert.deepEqual([await read(stage, as), await read(stage, as)], [404, 404]);
}

const ways = {
  "files and hashed passwords": {},
  "files and plain passwords": { config: 'authentication = "internal_plain"' },
  "SQL and hashed passwords": inSql,
};

for (const [name, options] of Object.entries(ways)) {
  onEachProsody(`a password that is no longer right ends at once: ${name}`, async (install) => {
    const modules = ["user_account_management"];
    await using stage = await startDataStage(install, { modules, ...options });
    const { pair } = stage;
    await lettingIn(stage, user);

    await using client = await pair.user("user");
    assert.equal(conditionOf(await client.register("user", "by the client")), undefined);
    assert.equal(await read(stage, user), 401);
    await lettingIn(stage, "user:by the client");

    await shell(pair, 'user:password("user@example.org", "by the shell")');
    assert.equal(await read(stage, "user:by the client"), 401);
    await lettingIn(stage, "user:by the shell");
    await client.close(); // to Prosody, whoever is online exists

    await account(pair, "user@example.org", "by a process"); // prosodyctl takes the name's record as it does a new one's
    assert.equal(await read(stage, "user:by the shell"), 401);
    await lettingIn(stage, "user:by a process");

    await shell(pair, 'user:delete("user@example.org")');
    assert.equal(await read(stage, "user:by a process"), 401);
    await account(pair, "user@example.org", "somebody else");
    assert.equal(await read(stage, "user:by a process"), 401);
    await lettingIn(stage, "user:somebody else");
  });
}

onEachProsody("who is disabled is a stranger until they are enabled", async (install) => {
  if (install.series === "0.12") return; // nobody can be disabled there
  await using stage = await startDataStage(install);
  await lettingIn(stage, user);
  await shell(stage.pair, 'user:disable("user@example.org")');
  assert.equal(await read(stage, user), 401);
  assert.equal(await read(stage, user), 401);
  await shell(stage.pair, 'user:enable("user@example.org")');
  await lettingIn(stage, user);
});

onEachProsody("whoever loses a role loses what it allowed at once", async (install) => {
  await using stage = await startDataStage(install);
  const { pair, data } = stage;
  const look = async () => (await data("GET", "example.org/john/teststore", { as: user })).status;
  assert.equal(await look(), 403);
  const is012 = install.series === "0.12";
  const set = (role: string) =>
    is012
      ? `user:setroles("user@example.org", "example.org", {${role === "" ? "" : `["${role}"] = true`}})`
      : `user:set_role("user@example.org", "example.org", "${role === "" ? "prosody:registered" : role}")`;
  await shell(pair, set("prosody:admin"));
  assert.equal(await look(), 404);
  await shell(pair, set(""));
  assert.equal(await look(), 403);
});

onEachProsody("passwords of any characters log in, and after restarts as well", async (install) => {
  const passwords = ["pässwörd € 😀", "a:b::c", ":", "x".repeat(1_000), "\\\"'<&>%s%00", " ", "]]>"];
  await using stage = await startDataStage(install, { config: "couplet_pause = 1" });
  const { pair } = stage;
  for (const [i, password] of passwords.entries()) await account(pair, `p${i}@example.org`, password);
  const all = async () => {
    for (const [i, password] of passwords.entries()) {
      assert.equal(await read(stage, `p${i}:${password}`), 404, password);
    }
  };
  await all();
  await pair.prosody.restart();
  await eventually(async () => await read(stage, user) !== 503);
  await all();
  await pair.couplet.restart();
  await pair.linkedAgain();
  await all();
  const almost = ["passwörd € 😀", "a", "::", "x".repeat(999), "\\\"'<&>%s", "  ", "]]"];
  const statuses = await Promise.all(almost.map((password, i) => read(stage, `p${i}:${password}`)));
  assert.deepEqual(statuses, almost.map(() => 401));
  assert.equal(await read(stage, `user:${"x".repeat(100_000)}`).catch(() => 400), 400);
});

onEachProsody("an unknown user looks like a wrong password, also in time", async (install) => {
  const toml = `${dataToml()}[http]\ntrusted_proxies = ["127.0.0.1"]\n`;
  for (const authentication of ["internal_hashed", "internal_plain"]) {
    await using stage = await startDataStage(install, {
      toml,
      config: `authentication = "${authentication}"`,
    });
    const one = async (as: string, i: number) => {
      const began = performance.now();
      const from = { "x-forwarded-for": `2001:db8:${i}::1` };
      const { status, text, headers: told } = await stage.data("GET", "teststore", { as, headers: from });
      const time = performance.now() - began;
      const { date: _, ...headers } = Object.fromEntries(told);
      return { time, seen: { status, text, headers } };
    };
    const wrong = [], unknown = [];
    for (let i = 0; i < 3; i++) {
      const both = await Promise.all([one("user:wrong", i), one(`nobody${i}:wrong`, 100 + i)]);
      wrong.push(both[0]);
      unknown.push(both[1]);
    }
    for (const { seen } of [...wrong, ...unknown]) assert.deepEqual(seen, wrong[0]!.seen);
    assert.equal(wrong[0]!.seen.status, 401);
    const median = (list: { time: number }[]) => list.map(({ time }) => time).sort((a, b) => a - b)[1]!;
    assert.ok(Math.abs(median(wrong) - median(unknown)) < 50, `${median(wrong)} ${median(unknown)}`);
    assert.ok(median(unknown) >= 195);
  }
});

onEachProsody("who guesses must wait, and the owner at home need not", async (install) => {
  const toml = `${dataToml()}[http]\ntrusted_proxies = ["127.0.0.1"]\n`;
  await using stage = await startDataStage(install, { toml });
  const from = (address: string) => ({ "x-forwarded-for": address });
  const home = from("198.51.100.7");
  assert.equal(await read(stage, user, home), 404);
  const guesses = await Promise.all(
    Array.from({ length: 24 }, (_, i) =>
      stage.data("GET", "teststore", {
        ...{ as: `user:guess ${i}`, headers: from(`203.0.113.${i}`) },
      })),
  );
  const failed = guesses.filter(({ status }) => status === 401).length;
  const told = guesses.filter(({ status }) => status === 429);
  assert.ok(failed >= 10 && failed <= 11, `${failed}`); // two are looked at at a time
  assert.equal(failed + told.length, 24);
  for (const { headers, text } of told) {
    assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assert.match(text, /too-many-requests/);
  }
  // Nobody else may try, not even with what is right; whoever was let in from there before goes on, also when
  // Prosody has forgotten that.
  await shell(stage.pair, 'user:password("user@example.org", "a secret")');
  assert.equal(await read(stage, user, from("192.0.2.9")), 429);
  assert.equal(await read(stage, user, home), 404);
  assert.equal(await read(stage, "john:a secret", from("203.0.113.1")), 404);
});

onEachProsody("strangers hold up nobody's changes", async (install) => {
  await using stage = await startDataStage(install);
  await lettingIn(stage, user);
  const wrong = Array.from(
    { length: 9 },
    (_, i) => stage.data("DELETE", "teststore", { as: `user:no ${i}` }),
  );
  const first = Promise.race(wrong);
  const put = await Promise.race([stage.data("PUT", "teststore", { as: user, json: { a: 1 } }), first]);
  assert.equal(put.status, 201, "a stranger was answered first");
  assert.deepEqual([...new Set((await Promise.all(wrong)).map(({ status }) => status))], [401]);
});

onEachProsody("whoever has a name after somebody else finds nothing of theirs", async (install) => {
  for (const options of [{}, { storage: {} }]) {
    await using stage = await startDataStage(install, options);
    const { data, pair } = stage;
    const inProsody = () => shell(pair, 'user:delete("user@example.org")');
    const byProsodyctl = async () =>
      assert.equal((await pair.prosody.ctl("deluser", "user@example.org")).code, 0);
    // A process of its own in 0.12, which has no reason to know of Couplet if none of these stores is in it.
    for (const remove of options.storage ? [inProsody] : [inProsody, byProsodyctl]) {
      for (const json of [{ diary: 1 }, { diary: 2 }]) {
        assert.equal((await data("PUT", "teststore", { as: user, json })).status, 201);
      }
      await remove();
      await account(pair, "user@example.org");
      assert.equal(await read(stage, user), 404);
      const seen = await data("GET", "/v1/data/user/teststore/versions", { as: user });
      assert.deepEqual(seen.json, { versions: [] });
      assert.equal((await data("POST", "/v1/data/user/teststore/undo", { as: user })).status, 404);
    }
  }
});
