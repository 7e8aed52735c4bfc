import assert from "node:assert/strict";
import fc from "fast-check";
import { countStore, listHosts, readStore, type Stored, writeStore } from "../../src/prosody/data_folder.ts";
import type { LuaKey, LuaTable, LuaValue } from "../../src/core/lua_value.ts";

interface Folder extends AsyncDisposable {
  readonly dir: string;
  /** Puts this into a user's file in the store `roster` of example.org, as it is. */
  put(file: string, content: string | Uint8Array): Promise<void>;
  /** What each user of the store has: the value, or the error's message. */
  all(store?: string): Promise<Record<string, unknown>>;
}

async function folder(): Promise<Folder> {
  const dir = await Deno.makeTempDir({ prefix: "couplet-folder-" });
  const roster = `${dir}/example%2eorg/roster`;
  await Deno.mkdir(roster, { recursive: true });
  return {
    dir,
    put: (file, content) =>
      Deno.writeFile(
        `${roster}/${file}`,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      ),
    all: async (store = "roster") =>
      Object.fromEntries(
        (await Array.fromAsync(readStore(dir, "example.org", store))).map((
          one,
        ) => [one.username, "error" in one ? one.error.message : one.value]),
      ),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

const valueOf = (stored: Stored | undefined): LuaValue => {
  assert.ok(stored !== undefined && "value" in stored, String(stored && "error" in stored && stored.error));
  return stored.value;
};

const range = (length: number) => Array.from({ length }, (_, i) => i);
const table = (entries: [LuaKey, LuaValue][]): LuaTable => new Map(entries);

Deno.test("a file as Prosody 0.12 wrote it is read with all its keys, numbers and bytes", async () => {
  await using data = await folder();
  await data.put(
    "user.dat",
    `return {
	[false] = {
		["pending"] = {
			["new8676@example.com"] = {
				{
					["name"] = "preauth";
					["attr"] = {};
				};
				["name"] = "presence";
			};
		};
		["version"] = 12;
	};
	["friend@example.com"] = {
		["subscription"] = "both";
		["name"] = "Schl\\195\\188ssel \\208\\186\\208\\187\\209\\142\\209\\135 \\240\\159\\148\\145 \\"tab\\tnewline\\n\\'";
		["groups"] = {};
	};
};
`,
  );
  assert.deepEqual(await data.all(), {
    user: table([
      [
        false,
        table([
          [
            "pending",
            table([[
              "new8676@example.com",
              table([[1, table([["name", "preauth"], ["attr", table([])]])], ["name", "presence"]]),
            ]]),
          ],
          ["version", 12],
        ]),
      ],
      [
        "friend@example.com",
        table([
          ["subscription", "both"],
          ["name", "Schlüssel ключ 🔑 \"tab\tnewline\n'"],
          ["groups", table([])],
        ]),
      ],
    ]),
  });
});

Deno.test("every literal that Lua has is read as Lua reads it, and nil is nothing", async () => {
  await using data = await folder();
  await data.put(
    "x.dat",
    `-- a comment\nreturn { 1, -2.5; 0x10, nil, 1e3, name = 'x', [7] = true, [-1] = [[long
]], ["\\x41\\u{e9}\\z
   b"] = "é", }`,
  );
  await data.put("nothing.dat", "return nil");
  assert.deepEqual(await data.all(), {
    x: table([
      ...[[1, 1], [2, -2.5], [3, 16], [5, 1000], ["name", "x"], [7, true]] as [string | number, LuaValue][],
      [-1, "long\n"],
      ["Aéb", "é"],
    ]),
    nothing: undefined,
  });
});

Deno.test("infinities, what is no number, long integers and bytes that are no UTF-8 are kept as they are", async () => {
  await using data = await folder();
  const bytes = new Uint8Array([0xff, 0xfe]);
  const odd = table([[1, Infinity], [2, -Infinity], [3, NaN], [4, 2n ** 63n - 1n], ["bytes", bytes], [
    bytes,
    1,
  ]]);
  await writeStore(data.dir, "example.org", "roster", "ann", odd);
  await data.put(
    "ben.dat",
    'return { (1/0); (-1/0); (0/0); 9223372036854775807; bytes = "\\255\\254"; ["\\xff\\xfe"] = 1 }',
  );
  assert.deepEqual(await data.all(), { ann: odd, ben: odd });
});

Deno.test("what is no literal is an error of that user alone, and nothing is run", async () => {
  await using data = await folder();
  const evil: Record<string, string | Uint8Array> = {
    call: `return os.execute("touch ${data.dir}/run")`,
    inside: `return { ["a"] = os.execute("touch ${data.dir}/run") }`,
    asKey: `return { [os.execute("touch ${data.dir}/run")] = true }`,
    before: `os.execute("touch ${data.dir}/run") return {}`,
    function: "return { f = function() end }",
    called: "return (function() return {} end)()",
    loop: "while true do end",
    name: "return x",
    joined: 'return "a" .. "b"',
    sum: "return { 1 / 0 }",
    minus: "return -{}",
    method: 'return ("x"):rep(1e9)',
    varargs: "return ...",
    two: "return {}, {}",
    none: "return",
    empty: "",
    tableKey: "return { [{}] = 1 }",
    nilKey: "return { [nil] = 1 }",
    truncated: 'return {\n\t["a@example.org"] = {\n\t\t["name"] = "the secre',
    deep: `return ${"{".repeat(200_000)}${"}".repeat(200_000)}`,
    deeper: `return ${"(".repeat(1_000_000)}`,
    junk: crypto.getRandomValues(new Uint8Array(5_000)),
    zeros: new Uint8Array(5_000),
    bytecode: new Uint8Array([0x1b, 0x4c, 0x75, 0x61, 0x54, 0, 0x19, 0x93, 13, 10, 26, 10]),
    secret: 'return {\n\t["password"] = "the" secret;\n};\n',
    twice: 'return { ["the secret"] = 1; ["the secret"] = 2 }',
  };
  for (const [name, content] of Object.entries(evil)) await data.put(`${name}.dat`, content);
  await data.put("alice.dat", "return { 1 };");
  await data.put("zoe.dat", "return { 2 };");
  const { alice, zoe, ...others } = await data.all();
  assert.deepEqual([alice, zoe], [table([[1, 1]]), table([[1, 2]])]);
  assert.deepEqual(Object.keys(others).sort(), Object.keys(evil).sort());
  for (const [name, error] of Object.entries(others)) {
    assert.match(String(error), /^Line \d+: [a-z"(].{4,40}\.$/, name);
    assert.doesNotMatch(String(error), /secre|touch|execute|password/, name);
  }
  await assert.rejects(Deno.stat(`${data.dir}/run`), Deno.errors.NotFound);
});

Deno.test("a file that would take all memory is refused, a text of 10 MB is read", async () => {
  await using data = await folder();
  await data.put("tables.dat", `return {${"{},".repeat(3_000_000)}}`);
  await data.put("name.dat", `return "${"x".repeat(10_000_000)}"`);
  await data.put("huge.dat", "");
  await Deno.truncate(`${data.dir}/example%2eorg/roster/huge.dat`, 1e12);
  const { tables, name, huge } = await data.all();
  assert.equal(tables, "Line 1: more than 2270002 values.");
  assert.equal(huge, "The file has more than 64 MB.");
  assert.equal((name as string).length, 10_000_000);
});

Deno.test("tables that no Prosody packs so tightly are refused in small files too, and what it writes is not", async () => {
  await using data = await folder();
  await data.put("tight.dat", `return {${"{},".repeat(100_000)}}`);
  await writeStore(data.dir, "example.org", "roster", "list", table(range(50_000).map((i) => [i + 1, ""])));
  await writeStore(
    data.dir,
    "example.org",
    "roster",
    "keys",
    table(range(50_000).map((i) => [i % 2 ? -i : i, 1])),
  );
  await writeStore(data.dir, "example.org", "roster", "digits", table(range(200_000).map((i) => [i + 1, 1])));
  const { tight, list, keys, digits } = await data.all();
  assert.ok(tight === "Line 1: more than 95002 values."); // no table of that size in a message
  assert.deepEqual([list, keys, digits].map((one) => (one as LuaTable).size), [50_000, 50_000, 200_000]);
});

Deno.test("large files are read one at a time, small ones side by side", async () => {
  await using data = await folder();
  const { readFile } = Deno;
  const gathered = Promise.withResolvers<void>();
  let [large, small, most] = [0, 0, 0];
  Deno.readFile = async (path) => {
    if (String(path).includes("small")) {
      if (++small === 16) gathered.resolve();
      await gathered.promise;
      return await readFile(path);
    }
    most = Math.max(most, ++large);
    return await readFile(path).finally(() => large--);
  };
  try {
    for (const i of range(20)) await data.put(`large${i}.dat`, `return "${"x".repeat(700_000)}"`);
    assert.equal(Object.keys(await data.all()).length, 20);
    for (const i of range(16)) await writeStore(data.dir, "example.org", "vcard", `small${i}`, 1);
    assert.equal(Object.keys(await data.all("vcard")).length, 16);
  } finally {
    Deno.readFile = readFile;
  }
  assert.equal(most, 1);
});

Deno.test("nothing is written through a link that stands in the data folder", async () => {
  await using data = await folder();
  const { dir } = data;
  const run = (...args: string[]) => new Deno.Command("ln", { args: ["-s", ...args] }).output();
  await Deno.mkdir(`${dir}/elsewhere/roster`, { recursive: true });
  await Deno.writeTextFile(`${dir}/elsewhere/secret`, "as it was");
  await run(`${dir}/elsewhere/secret`, `${dir}/example%2eorg/roster/ann.dat`);
  await writeStore(dir, "example.org", "roster", "ann", 1);
  assert.equal(await Deno.readTextFile(`${dir}/elsewhere/secret`), "as it was");
  assert.ok((await Deno.lstat(`${dir}/example%2eorg/roster/ann.dat`)).isFile);

  await run(`${dir}/elsewhere`, `${dir}/example%2enet`);
  await run(`${dir}/elsewhere/roster`, `${dir}/example%2eorg/vcard`);
  await run(`${dir}/elsewhere/new`, `${dir}/example%2eorg/private`); // leads nowhere yet
  for (
    const [host, store, user] of [
      ...[["example.net", "roster", "ann"], ["example.net", "roster", ""]],
      ...[["example.org", "vcard", "ann"], ["example.org", "private", "ann"]],
    ] as const
  ) {
    await assert.rejects(writeStore(dir, host!, store!, user!, 1), /is a symbolic link/, `${host} ${store}`);
  }
  const names = async (path: string) =>
    (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
  assert.deepEqual(await names(`${dir}/elsewhere`), ["roster", "secret"]);
  assert.deepEqual(await names(`${dir}/elsewhere/roster`), []);

  await run(dir, `${dir}/elsewhere/data`); // the folder itself is whoever runs the command's to name
  await writeStore(`${dir}/elsewhere/data`, "example.org", "roster", "ben", 2);
  assert.equal((await data.all()).ben, 2);
});

Deno.test("only files that Prosody would read are users: others are told or passed over", async () => {
  await using data = await folder();
  const inside = `${data.dir}/example%2eorg/roster`;
  const command = `cd '${inside}' && : > "$(printf 'a\\377b.dat')" && ln -s ann.dat bob.dat && ` +
    "ln -s gone.dat carl.dat && mkdir dir.dat && mkfifo pipe.dat";
  await new Deno.Command("sh", { args: ["-c", command] }).output();
  for (const name of ["ann.dat", "two.dots.dat", "%2E.dat", "%ff.dat", "%C3%BC.dat", ".dat"]) {
    await data.put(name, "return 1;");
  }
  for (const name of ["ann.dat~", "ann.list", "couplet-1~", "README"]) await data.put(name, "junk");
  const no = "Prosody gives no file of a user such a name.";
  const all = await data.all();
  assert.match(String(all.carl), /^No such file/);
  delete all.carl;
  assert.deepEqual(all, {
    ...{ ann: 1, bob: 1, dir: "This is no file.", pipe: "This is no file." },
    ...{ "two.dots.dat": no, "%2E.dat": no, "%ff.dat": no, "%C3%BC.dat": no, ".dat": no, "a\ufffdb.dat": no },
  });
  assert.equal(await countStore(data.dir, "example.org", "roster"), 11);
});

Deno.test("names go into file names byte by byte as Prosody has it, stores keep their underscores", async () => {
  await using data = await folder();
  for (const name of ["a_b", "../../etc/passwd", "jürgen.müller", "🔑", "Ann", "100%"]) {
    await writeStore(data.dir, "bücher.example", "invite_token", name, name);
  }
  await writeStore(data.dir, "bücher.example", "a/../b", "ann", 1);
  const names = async (path: string) =>
    (await Array.fromAsync(Deno.readDir(`${data.dir}/b%c3%bccher%2eexample${path}`))).map(({ name }) => name)
      .sort();
  assert.deepEqual(await names(""), ["a%2f%2e%2e%2fb", "invite_token"]);
  assert.deepEqual(await names("/invite_token"), [
    ...["%2e%2e%2f%2e%2e%2fetc%2fpasswd.dat", "%f0%9f%94%91.dat", "100%25.dat", "Ann.dat", "a%5fb.dat"],
    "j%c3%bcrgen%2em%c3%bcller.dat",
  ]);
  for await (const stored of readStore(data.dir, "bücher.example", "invite_token")) {
    assert.equal(valueOf(stored), stored.username);
  }
});

Deno.test("what the host has itself is the user without a name", async () => {
  await using data = await folder();
  await writeStore(data.dir, "example.org", "invite_token", "", table([["token", table([["uses", 1]])]]));
  await writeStore(data.dir, "example.org", "invite_token", "ann", table([["token", 17]]));
  assert.equal(
    await Deno.readTextFile(`${data.dir}/example%2eorg/invite_token.dat`),
    'return {\n\t["token"] = {\n\t\t["uses"] = 1;\n\t};\n};\n',
  );
  assert.deepEqual(await data.all("invite_token"), {
    "": table([["token", table([["uses", 1]])]]),
    ann: table([["token", 17]]),
  });
});

Deno.test("a store that nobody has is empty, a data folder that is not there is an error", async () => {
  await using data = await folder();
  assert.deepEqual(await data.all("vcard"), {});
  assert.equal(await countStore(data.dir, "example.net", "roster"), 0);
  await assert.rejects(
    Array.fromAsync(readStore(`${data.dir}/no`, "example.org", "roster")),
    Deno.errors.NotFound,
  );
});

Deno.test("a file is replaced whole, with Prosody's rights, and no draft stays behind", async () => {
  await using data = await folder();
  const inside = `${data.dir}/example%2eorg/roster`;
  await writeStore(data.dir, "example.org", "roster", "ann", table([]));
  await writeStore(data.dir, "example.org", "roster", "ann", table([[1, "a"], [2, "b"], [4, "d"]]));
  assert.equal(
    await Deno.readTextFile(`${inside}/ann.dat`),
    'return {\n\t"a";\n\t"b";\n\t[4] = "d";\n};\n',
  );
  assert.equal((await Deno.stat(`${inside}/ann.dat`)).mode! & 0o777, 0o640);
  await Deno.mkdir(`${inside}/bob.dat`);
  await assert.rejects(writeStore(data.dir, "example.org", "roster", "bob", 1));
  await assert.rejects(
    writeStore(data.dir, "example.org", "roster", "carl", table([["x", 2n ** 63n]])),
    /64 bits/,
  );
  let deep: LuaValue = 1;
  for (let i = 0; i < 200; i++) deep = table([[1, deep]]);
  await assert.rejects(writeStore(data.dir, "example.org", "roster", "carl", deep), /127 levels/);
  const names = (await Array.fromAsync(Deno.readDir(inside))).map(({ name }) => name).sort();
  assert.deepEqual(names, ["ann.dat", "bob.dat"]);
});

Deno.test("whoever stops reading early leaves no file open", async () => {
  await using data = await folder();
  for (let i = 0; i < 50; i++) await data.put(`user${i}.dat`, `return ${i}`);
  for await (const stored of readStore(data.dir, "example.org", "roster")) {
    valueOf(stored);
    break;
  }
});

const text = fc.string({ unit: "binary", maxLength: 30 });
const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((one) => one + 0); // Lua has no -0 among its integers
const key = fc.oneof(text, fc.integer(), fc.boolean());
const { value: anything } = fc.letrec<{ value: LuaValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    ...[text, number, fc.boolean()],
    fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map((entries) => new Map(entries)),
  ),
}));
const samples = fc.sample(anything, { numRuns: 300, seed: 7 });

Deno.test("what is written is read again as it was", async () => {
  await using data = await folder();
  for (const [i, value] of samples.entries()) {
    await writeStore(data.dir, "example.org", "roster", String(i), value);
  }
  assert.deepEqual(await data.all(), Object.fromEntries(samples.entries()));
});

// Loads each file as Prosody does, and writes it once more in Lua's own way to quote.
const luaProgram = `
local function show(v)
  if type(v) ~= "table" then return string.format("%q", v) end
  local o = {}
  for k, m in pairs(v) do o[#o + 1] = "[" .. show(k) .. "]=" .. show(m) end
  return "{" .. table.concat(o, ",") .. "}"
end
for i, path in ipairs(arg) do
  local value = assert(loadfile(path, "t", {}))()
  assert(io.open(path, "w")):write("return ", show(value)):close()
end`;

const hasLua = await Deno.stat("/usr/bin/lua5.4").then(() => true, () => false);

Deno.test({
  name: "Lua reads the same from what is written",
  ignore: !hasLua,
  async fn() {
    await using data = await folder();
    const script = `${data.dir}/show.lua`;
    await Deno.writeTextFile(script, luaProgram);
    for (const [i, value] of samples.entries()) {
      await writeStore(data.dir, "example.org", "roster", String(i), value);
    }
    const paths = samples.map((_, i) => `${data.dir}/example%2eorg/roster/${i}.dat`);
    const { success, stderr } = await new Deno.Command("lua5.4", { args: [script, ...paths] }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual(await data.all(), Object.fromEntries(samples.entries()));
  },
});

Deno.test("hosts are the folders of Prosody's naming that have something in one of the stores", async () => {
  await using data = await folder();
  const put = async (path: string) => {
    await Deno.mkdir(`${data.dir}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${data.dir}/${path}`, "return {};");
  };
  await put("b%c3%bccher%2eexample/invite_token.dat");
  await put("xn--bcher-kva.example/invite_token.dat"); // none of Prosody's naming
  await put("rooms%2eexample%2eorg/config/room.dat");
  await Deno.writeTextFile(`${data.dir}/file%2eexample`, "no folder");
  await Deno.symlink(`${data.dir}/nowhere`, `${data.dir}/link%2eexample`);
  assert.deepEqual(await listHosts(data.dir, ["roster"]), ["example.org"]);
  assert.deepEqual(await listHosts(data.dir, ["invite_token", "roster"]), ["bücher.example", "example.org"]);
  await assert.rejects(listHosts(`${data.dir}/none`, ["roster"]), Deno.errors.NotFound);
});
