import assert from "node:assert/strict";
import { basic, type DataStage, filesOf, sendAsIs, shell, startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";

const [user, admin] = ["user:a secret", "admin:a secret"];
const doors = ["roles", "account_roles", "accounts", "tokens", "authtokens", "oauth2_clients", "api_keys"]
  .concat("auth_tokens", "account_details", "cloud_notify", "smacks_h", "invite_token", "roster");

/** What made users of mod_data_access admins, and one that would take an account over. */
const bodies = ['{"prosody:admin":true}', '{"_default":"prosody:admin"}', '{"password":"mine"}'];

/** The same store in other words. */
function spellingsOf(store: string): string[] {
  const hex = `%${store.charCodeAt(0).toString(16)}`;
  const odd = [...store].map((char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`).join("");
  const named = [
    store,
    store.toUpperCase(),
    `${hex}${store.slice(1)}`,
    odd,
    `%25${hex.slice(1)}${store.slice(1)}`,
  ]
    .concat(
      `${store}%00`,
      `%00${store}`,
      `${store}%2f`,
      `${store}.dat`,
      `${store}%20`,
      `.%2f${store}`,
      `${store};a`,
    )
    .concat(
      `${store}?x=teststore`,
      `teststore%2f..%2f${store}`,
      `..%2f${store}`,
      `${store}%ff`,
      `%EF%BD%92${store}`,
    );
  return [
    ...named.flatMap((name) => [`/data/${name}`, `/data/example.org/user/${name}`, `/v1/data/user/${name}`]),
    ...[
      `/data//${store}`,
      `//data/${store}`,
      `/data/./${store}`,
      `/data/teststore/../${store}`,
      `/data/${store}/`,
    ],
    ...[
      `/data/x/../${store}/json`,
      `/DATA/${store}`,
      `/data/${store}/lua`,
      `/data/EXAMPLE.ORG/USER/${store}`,
    ],
    ...[`/data/example.org./user/${store}`, `/data/example.org/user%2f/${store}`, `/data/\\..\\${store}`],
    ...[`/data/example.org/john/${store}`, `/data/example.org/user/${store}/json/${"x".repeat(4_000)}`],
    ...[`/v1/data/user/${store}/undo`, `/v1/data/user/${store}/versions`, `/v1/data/user//${store}`],
    `/data/${store}${"a".repeat(4_000)}`,
  ];
}

/** As Prosody itself sees it. */
async function isAdmin({ pair }: DataStage, name: string): Promise<boolean> {
  const is = pair.prosody.version.startsWith("0.12")
    ? `um.is_admin("${name}@example.org", "example.org")`
    : `um.get_user_role("${name}", "example.org").name ~= "prosody:registered"`;
  const line = `> (function () local um = require "core.usermanager"; return tostring(${is} or false) end)()`;
  const answer = /Result: (true|false)/.exec(await shell(pair, line))?.[1];
  assert.ok(answer !== undefined);
  return answer === "true";
}

onEachProsody("nobody reaches a store that opens doors, however it is spelt", async (install) => {
  await using stage = await startDataStage(install, { config: 'authentication = "internal_plain"' });
  const { data, pair } = stage;
  assert.equal((await data("GET", "teststore", { as: user })).status, 404);
  assert.equal((await data("GET", "teststore", { as: admin })).status, 404);
  const before = await filesOf(stage);
  assert.ok(Object.keys(before).some((path) => path.endsWith("/accounts/user.dat")));
  const requests = doors.flatMap((store, n) =>
    spellingsOf(store).flatMap((path, i) => {
      const body = bodies[(n + i) % 3] ?? "";
      const other = ["POST", "PATCH", "DELETE"][(n + i) % 3] ?? "";
      return [["GET", path, ""], ["PUT", path, body], [other, path, body]] as const;
    })
  );
  const refused = (who: string) => async ([method, path, body]: typeof requests[number]) => {
    const status = await sendAsIs(pair.couplet.url, method, path, who, body);
    assert.ok(
      [400, 403, 404, 405, 414, 431].includes(status),
      `${method} ${path.slice(0, 200)} as ${who}: ${status}`,
    );
  };
  await inParallel(requests, refused(user));
  await inParallel(requests.filter((_, i) => i % 7 === 0), refused(admin));
  assert.deepEqual(await filesOf(stage), before);
  assert.equal(await isAdmin(stage, "user"), false);
  assert.equal(await isAdmin(stage, "admin"), true);
  assert.ok(await pair.canLogIn("user"));
  assert.equal(await pair.canLogIn("user", "mine"), false);
  assert.equal((await data("GET", "example.org/john/teststore", { as: user })).status, 403);
});

onEachProsody("neither logs nor the database hold passwords or what users have stored", async (install) => {
  const env = { COUPLET_LOG_LEVEL: "debug" };
  await using stage = await startDataStage(install, { env, logLevel: "debug" });
  const { data, pair } = stage;
  const [right, wrong, value] = ["a secret", "wr0ng-pass", "st0red-value"];
  for (const once of [value, "other"]) {
    assert.equal((await data("PUT", "teststore", { as: user, json: { once } })).status, 201);
  }
  assert.equal((await data("GET", "teststore", { as: `user:${wrong}` })).status, 401);
  await data("PUT", "teststore", {
    as: user,
    body: `{"${value}`,
    headers: { "content-type": "application/json" },
  });
  const files = await Array.fromAsync(Deno.readDir(pair.couplet.dataDir));
  const texts = await Promise.all(
    files.filter(({ isFile }) => isFile).map(({ name }) => Deno.readFile(`${pair.couplet.dataDir}/${name}`)),
  );
  const all = [
    pair.couplet.log(),
    pair.prosody.log(),
    ...texts.map((bytes) => new TextDecoder("latin1").decode(bytes)),
  ];
  for (const text of all) {
    for (const secret of [right, wrong, value, basic(user).slice(6)]) {
      assert.ok(
        !text.includes(secret),
        `${secret} is in ${text.split("\n").find((line) => line.includes(secret))}`,
      );
    }
  }
});

async function inParallel<T>(list: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values();
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (const one of rest) await act(one);
  }));
}
