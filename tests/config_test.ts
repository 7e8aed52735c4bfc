import assert from "node:assert/strict";
import { ConfigError, readConfig } from "../src/config.ts";
import { environment, settings } from "../src/settings.ts";

const read = (text: string, env: Record<string, string> = {}) =>
  readConfig({ file: { name: "couplet.toml", text }, env });

Deno.test("without a file and environment everything has its documented default", () => {
  const config = readConfig({ env: {} });
  assert.deepEqual(config.hosts, [{ domain: "localhost", own: {} }]);
  assert.equal(config["http.listen"], "127.0.0.1:5290");
  assert.equal(config["control.socket"], "./data/control.sock");
  assert.equal(config.store, "sqlite:./data/couplet.db");
  assert.equal(config["invites.ttl"], 7 * 86_400_000);
});

Deno.test("environment beats file beats default, and systemd's state folder stands behind both", () => {
  const file = 'data_dir = "/a"\nhosts = ["One.Example"]\n[http]\nlisten = "[::1]:80"';
  assert.equal(read(file).data_dir, "/a");
  assert.equal(read(file, { COUPLET_DATA_DIR: "/b" }).data_dir, "/b");
  assert.equal(read(file, { STATE_DIRECTORY: "/c" }).data_dir, "/a");
  assert.equal(readConfig({ env: { STATE_DIRECTORY: "/c:/d" } }).data_dir, "/c");
  assert.deepEqual(
    read(file, { COUPLET_HOSTS: "two.example, three.example" }).hosts.map(({ domain }) => domain),
    ["two.example", "three.example"],
  );
  assert.deepEqual(read(file).hosts, [{ domain: "one.example", own: {} }]);
});

Deno.test("hosts may have settings of their own", () => {
  const config = read(
    '[hosts."example.org"]\npublic_url = "https://chat.example.org/"\n[hosts."example.org".rosters]\n' +
      'policy = "managed"\n[hosts."example.net"]',
  );
  const own = { "rosters.policy": "managed" };
  assert.deepEqual(config.hosts, [
    { domain: "example.org", public_url: "https://chat.example.org", own },
    { domain: "example.net", own: {} },
  ]);
});

Deno.test("trusted proxies are a list, or commas in the environment; nobody is trusted without", () => {
  const proxies = (...from: Parameters<typeof read>) => read(...from)["http.trusted_proxies"];
  assert.equal(proxies(""), undefined);
  assert.deepEqual(proxies("[http]\ntrusted_proxies = ['10.0.0.0/8', 'unix']"), ["10.0.0.0/8", "unix"]);
  assert.deepEqual(proxies("", { COUPLET_TRUSTED_PROXIES: "127.0.0.1, ::1" }), ["127.0.0.1", "::1"]);
  assert.deepEqual(proxies("[http]\ntrusted_proxies = ['unix']", { COUPLET_TRUSTED_PROXIES: "" }), []);
});

Deno.test("an unknown setting or a wrong value is an error that names it and where it stands", () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ["data_dri = 'x'", {}, /"data_dri" in couplet\.toml/],
    ["[http]\nlisten_on = 'x'", {}, /"http\.listen_on" in couplet\.toml/],
    ["[httpd]\nlisten = 'x'", {}, /"httpd" in couplet\.toml/],
    ["http = 5", {}, /"http" in couplet\.toml/],
    ["[http]\nlisten = 'x'", {}, /http\.listen \(couplet\.toml\): "x": expected HOST:PORT/],
    ["", { COUPLET_HTTP_LISTEN: "5290" }, /http\.listen \(COUPLET_HTTP_LISTEN\): "5290"/],
    ["[http]\npublic_url = 'ftp://x'", {}, /http\.public_url .*https:/],
    ["[invites]\nttl = 'soon'", {}, /invites\.ttl .*"soon": expected a time/],
    ["[invites]\nttl = 7", {}, /invites\.ttl/],
    ["[http]\nmax_body = 'big'", {}, /http\.max_body/],
    ["[http]\ntrusted_proxies = ['::1', 'proxy']", {}, /http\.trusted_proxies\.1 .*network such as/],
    ["[http]\ntrusted_proxies = ['0.0.0.0/0']", {}, /http\.trusted_proxies\.0 /],
    ["[http]\ntrusted_proxies = 5", {}, /http\.trusted_proxies /],
    ["", { COUPLET_TRUSTED_PROXIES: "::1 unix" }, /http\.trusted_proxies\.0 \(COUPLET_TRUSTED_PROXIES\)/],
    ["[http]\nquery_keys = 'maybe'", {}, /http\.query_keys .*true or false/],
    ["hosts = []", {}, /hosts .*at least one/],
    ["hosts = ['a b']", {}, /hosts\.0 .*domain name/],
    ["hosts = ['a', 'A']", {}, /a stands there twice/],
    ["hosts = 'a'", {}, /hosts/],
    ["[hosts.'a']\nurl = 'x'", {}, /hosts\."a"\.url/],
    ["", { COUPLET_HOSTS: "," }, /hosts \(COUPLET_HOSTS\).*at least one/],
    ["", { COUPLET_STORE: "mysql:x" }, /store \(COUPLET_STORE\)/],
    ["", { COUPLET_LOG_LEVEL: "loud" }, /log\.level/],
    ["a = = 1", {}, /couplet\.toml is not valid TOML, line 1/],
  ];
  for (const [text, env, message] of cases) {
    assert.throws(() => read(text, env), (error) => {
      assert.ok(error instanceof ConfigError, `${text}: ${error}`);
      assert.match(error.message, message, text);
      return true;
    });
  }
});

Deno.test("whatever a setting is set to, it is taken or refused in words for people", () => {
  const odd = ["5", "-1", "1.5", "1e12", "true", '""', '"x y"', "[]", "[5]", "{ a = 1 }", "1979-05-27"];
  let refused = 0;
  const own = [
    "public_url",
    "rosters",
    "rosters.policy",
    "rosters.refresh_url",
    "rosters.http_roster_secret",
    "data",
    "data.user_stores",
  ];
  const names = [...Object.keys(settings), "hosts", 'hosts."a"', ...own.map((name) => `hosts."a".${name}`)];
  for (const name of names) {
    for (const value of odd) {
      try {
        read(`${name} = ${value}`);
      } catch (error) {
        assert.ok(error instanceof ConfigError, `${name} = ${value}: ${error}`);
        const known = /: (expected |name at least one)|^Unknown setting|stands there twice/;
        assert.match(error.message, known, `${name} = ${value}`);
        refused++;
      }
    }
  }
  assert.ok(refused > 200, `${refused}`);
});

Deno.test("an unknown setting is named by where it stands, in a table of a host's table too", () => {
  assert.throws(
    () => read('[hosts."a".data]\nmax_body = 5'),
    /^ConfigError: Unknown setting hosts\."a"\.data\.max_body in /,
  );
});

Deno.test("docs/configuration.md has every setting with its default", async () => {
  const page = await Deno.readTextFile("docs/configuration.md");
  for (const [name, { env, ...known }] of Object.entries<{ env?: string; default?: unknown }>(settings)) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\` `));
    assert.ok(row, name);
    if (env) assert.ok(row.includes(`\`${env}\``), name);
    const shown = Array.isArray(known.default) ? JSON.stringify(known.default) : known.default;
    if (shown !== undefined) assert.ok(row.includes(`\`${shown}\``), name);
  }
  for (const name of environment) assert.ok(page.includes(`\`${name}\``) || page.includes(`$${name}`), name);
});
