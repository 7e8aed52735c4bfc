import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { repository, runProcess } from "../e2e/process.ts";

async function rig(
  work: (run: (...args: string[]) => ReturnType<typeof runProcess>, dir: string) => Promise<void>,
  env = {},
) {
  const dir = await Deno.makeTempDir({ prefix: "couplet-cli-" });
  const program = ["deno", "run", "--quiet", "--frozen", "--allow-all", `${repository}/main.ts`];
  const settings = { COUPLET_DATA_DIR: dir, COUPLET_HOSTS: "example.org,example.net", ...env };
  try {
    await work((...args) => runProcess([...program, ...args], settings), dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("keys are made, listed, rotated and deleted; results on stdout, all else on stderr", () =>
  rig(async (run) => {
    const made = await run("keys", "create", "example.org", "My key");
    assert.equal(made.code, 0);
    assert.match(made.stdout, /^[\w-]{12}\/cplt_[0-9A-Za-z]{36}\n$/);
    assert.match(made.stderr, /not shown again.*invites:create/s);
    const id = made.stdout.split("/")[0] ?? "";
    const listed = await run("keys", "list", "example.org");
    assert.match(listed.stdout, new RegExp(`^${id}\tMy key\tinvites:create\tuntil \\d{4}-\\d\\d-\\d\\d\n$`));
    const rotated = await run("keys", "rotate", "example.org", id, "--json");
    const key = JSON.parse(rotated.stdout);
    assert.equal(key.id, id);
    assert.notEqual(key.key, made.stdout.trim());
    assert.equal((await run("keys", "delete", "example.net", id)).code, 1);
    assert.equal((await run("keys", "delete", "example.org", id)).code, 0);
    const gone = await run("keys", "delete", "example.org", id);
    assert.deepEqual([gone.code, gone.stdout], [1, ""]);
    assert.match(gone.stderr, /^Error: There is no key/);
  }));

Deno.test("prosodyctl's spelling of mod_invites_api says what the original says, and exits 1 where it should", () =>
  rig(async (run) => {
    const words = (...args: string[]) => run("mod_invites_api", ...args);
    const made = await words("create", "example.org", "My test key");
    assert.deepEqual([made.code, made.stderr], [0, ""]);
    assert.match(made.stdout, /^[\w-]{12}\/cplt_\w{36}\n$/);
    await words("create", "example.org");
    const id = made.stdout.split("/")[0] ?? "";
    const listed = (await words("list", "example.org")).stdout;
    assert.ok(listed.includes(`${id}\tMy test key\n`));
    assert.match(listed, /^[\w-]{12}\t<unknown>$/m);
    assert.equal(
      JSON.parse((await run("keys", "list", "example.org", "--json")).stdout)[0].expires_at,
      undefined,
    );
    for (
      const [args, code, message] of [
        [["delete", "example.org", "nosuchid"], 1, "Error: key not found"],
        [["delete", "example.org"], 1, "Error: key not found"],
        [["create", "nosuch.example"], 1, "Error: please supply a valid host"],
        [["create"], 1, "Error: please supply a valid host"],
        [[], 1, "Error: please supply a valid host"],
        [["bogus", "example.org"], 1, "Unknown command - bogus"],
        [["create", "example.org", "a\tb"], 1, "Error: A key's name must not hold tabs"],
      ] as const
    ) {
      const said = await words(...args);
      assert.equal(said.code, code, args.join(" "));
      assert.ok(said.stderr.includes(message), said.stderr);
    }
    const deleted = await words("delete", "example.org", id);
    assert.deepEqual([deleted.code, deleted.stdout, deleted.stderr], [0, "", ""]);
  }));

Deno.test("invites are made, listed, shown and revoked without a daemon", () =>
  rig(async (run) => {
    const made = JSON.parse(
      (await run(
        "invites",
        "create",
        "example.org",
        "--contact",
        "bob",
        "--register",
        "--ttl",
        "2d",
        "--json",
      )).stdout,
    );
    assert.equal(made.type, "contact");
    assert.equal(Date.parse(made.expires_at) - Date.parse(made.created_at), 2 * 86_400_000);
    const plain = await run("invites", "create", "example.org", "--role", "a", "--role", "b", "--uses", "3");
    assert.match(plain.stdout, /^http:\/\/127\.0\.0\.1:5290\/invite\/[\w-]{24}\n$/);
    assert.match(plain.stderr, /xmpp:example\.org\?register;preauth=/);
    assert.equal((await run("invites", "list", "example.org")).stdout.split("\n").length, 3);
    assert.equal((await run("invites", "revoke", "example.org", made.id)).code, 0);
    assert.match((await run("invites", "show", "example.org", made.token)).stdout, /^state: revoked$/m);
    assert.equal(
      JSON.parse((await run("invites", "list", "example.org", "--state", "revoked", "--json")).stdout).invites
        .length,
      1,
    );
    assert.equal((await run("invites", "show", "example.net", made.token)).code, 1);
  }));

Deno.test("wrong usage exits 2 and says what would be right; help and version exit 0", () =>
  rig(async (run) => {
    for (
      const args of [
        ["nonsense"],
        ["keys", "create"],
        ["keys", "create", "a", "b", "c"],
        ["invites", "create", "example.org", "--ttl", "soon"],
        ["invites", "create", "example.org", "--colour", "red"],
        ["invites", "list", "example.org", "--state", "odd"],
        ["keys", "create", "example.org", "--max-uses", "0"],
        ["completion", "csh"],
      ]
    ) {
      const said = await run(...args);
      assert.equal(said.code, 2, `${args.join(" ")}: ${said.stdout}${said.stderr}`);
      assert.equal(said.stdout, "", args.join(" "));
      assert.notEqual(said.stderr, "", args.join(" "));
    }
    for (
      const args of [[], ["--help"], ["keys"], ["keys", "--help"], ["keys", "create", "--help"], [
        "--version",
      ], [
        "completion",
        "bash",
      ]]
    ) {
      const said = await run(...args);
      assert.equal(said.code, 0, args.join(" "));
      assert.ok(said.stdout.endsWith("\n"), args.join(" "));
    }
    assert.match((await run("__complete", "ke")).stdout, /^keys$/m);
    assert.match((await run("__complete", "keys", "ro")).stdout, /^rotate$/m);
  }));

Deno.test("behind -- an argument may begin with dashes, as IDs of mod_invites_api's keys do", () =>
  rig(async (run) => {
    for (
      const args of [["delete", "example.org", "--", "--b_3xYz"], ["rotate", "example.org", "--", "-Ab_3xYz"]]
    ) {
      const said = await run("keys", ...args);
      assert.equal(said.code, 1, said.stderr);
      assert.match(said.stderr, /^Error: There is no key with this ID/);
    }
    assert.equal((await run("keys", "delete", "example.org", "--b_3xYz")).code, 2);
  }));

Deno.test("help COMMAND shows what COMMAND --help shows, and says so of what is none", () =>
  rig(async (run) => {
    for (
      const words of [
        [],
        ["serve"],
        ["rosters"],
        ["invites", "create"],
        ["rosters", "show"],
        ["mod_invites_api"],
        ["completion"],
      ]
    ) {
      const [asked, helped] = [await run("help", ...words), await run(...words, "--help")];
      assert.deepEqual(asked, helped, words.join(" "));
      assert.deepEqual([asked.code, asked.stderr], [0, ""], words.join(" "));
      assert.match(asked.stdout, new RegExp(`couplet ${words.join(" ")}`));
    }
    assert.match((await run("help", "invites", "create")).stdout, /--contact/);
    for (const words of [["nonsense"], ["rosters", "nonsense"]]) {
      const said = await run("help", ...words);
      assert.deepEqual([said.code, said.stdout], [2, ""], words.join(" "));
      assert.match(said.stderr, /nonsense/);
    }
    assert.match((await run("__complete", "help", "ro")).stdout, /^rosters$/m);
  }));

Deno.test("COUPLET_CONFIG names the file of settings for every command, and --config comes before it", () =>
  rig(async (run, dir) => {
    const fileOf = async (name: string, toml: string) => {
      await Deno.writeTextFile(`${dir}/${name}`, toml);
      return `${dir}/${name}`;
    };
    const [one, other] = [
      await fileOf("one.toml", `[http]\npublic_url = "https://one.example"`),
      await fileOf("other.toml", `[http]\npublic_url = "https://other.example"`),
    ];
    const linkOf = async (env: string | undefined, ...args: string[]) => {
      let link = "";
      await rig(async (inside) => {
        const said = await inside("invites", "create", "example.org", ...args);
        link = said.stdout + said.stderr.split("\n")[0];
      }, env === undefined ? {} : { COUPLET_CONFIG: env });
      return link;
    };
    assert.match(await linkOf(one), /^https:\/\/one\.example\/invite\//);
    assert.match(await linkOf(one, "--config", other), /^https:\/\/other\.example\/invite\//);
    assert.match(await linkOf(""), /^http:\/\/127\.0\.0\.1/);
    assert.match(await linkOf(`${dir}/none.toml`), /^Error: .*none\.toml \(COUPLET_CONFIG\) cannot be read/);
    assert.equal((await run("--version")).code, 0);
  }));

Deno.test("settings that are wrong are named, and nothing is made", () =>
  rig(async (run, dir) => {
    await Deno.writeTextFile(`${dir}/couplet.toml`, 'data_dri = "x"');
    const unknown = await run("serve", "--config", `${dir}/couplet.toml`);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /^Error: Unknown setting "data_dri" in .*couplet\.toml/);
    assert.match(
      (await run("keys", "list", "example.org", "--config", `${dir}/none.toml`)).stderr,
      /^Error: .*none\.toml cannot be read/,
    );
    assert.deepEqual(Array.from(Deno.readDirSync(dir), ({ name }) => name), ["couplet.toml"]);
  }));

Deno.test("a data folder or database that cannot be used is refused with what to do", () =>
  rig(async (run, dir) => {
    const say = async (env: Record<string, string>) => {
      const said = await runProcess([
        "deno",
        "run",
        "--quiet",
        "--frozen",
        "--allow-all",
        `${repository}/main.ts`,
        "keys",
        "list",
        "example.org",
      ], {
        ...{ COUPLET_HOSTS: "example.org", COUPLET_DATA_DIR: dir },
        ...env,
      });
      assert.deepEqual([said.code, said.stdout], [1, ""]);
      return said.stderr;
    };
    await Deno.writeTextFile(`${dir}/file`, "");
    assert.match(
      await say({ COUPLET_DATA_DIR: `${dir}/file` }),
      /^Error: The data folder .*cannot be made.*data_dir/,
    );
    assert.match(
      await say({ COUPLET_DATA_DIR: "/proc/nothing" }),
      /^Error: The data folder .*cannot be made/,
    );
    assert.match(
      await say({ COUPLET_STORE: `sqlite:${dir}/no/such/folder.db` }),
      /^Error: .*cannot be opened for writing/,
    );
    const other = new DatabaseSync(`${dir}/other.db`);
    other.exec("create table theirs (x)");
    other.close();
    assert.match(await say({ COUPLET_STORE: `sqlite:${dir}/other.db` }), /^Error: .*another program/);
    assert.equal((await run("keys", "list", "example.org")).code, 0);
    await Deno.remove(`${dir}/secret.key`);
    assert.match(await say({}), /^Error: The key file .*is missing beside its database/);
    await Deno.writeTextFile(`${dir}/secret.key`, "short");
    assert.match(await say({}), /^Error: The key file .*32 bytes/);
    assert.equal((await run("--version")).code, 0);
  }));

Deno.test("Prosody's modules are written out, with the lines for its configuration", () =>
  rig(async (run, dir) => {
    const said = await run("prosody", "install", `${dir}/modules`);
    assert.equal(said.code, 0);
    assert.match(said.stdout, /storage = \{ invite_token = "couplet" \}/);
    assert.ok(said.stdout.includes(`couplet_socket = "${dir}/control.sock"`));
    for (const name of ["mod_couplet.lua", "mod_storage_couplet.lua"]) {
      assert.equal(
        await Deno.readTextFile(`${dir}/modules/${name}`),
        await Deno.readTextFile(`${repository}/src/prosody/lua/${name}`),
      );
    }
    assert.match(
      (await run("prosody", "install", "/proc/nothing")).stderr,
      /^Error: The modules cannot be written/,
    );
  }));
