import assert from "node:assert/strict";
import { startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";

const user = "user:a secret";
const place = ["user@example.org", "teststore"] as const;

onEachProsody("the command line reads, writes, compares and undoes, while both run", async (install) => {
  await using stage = await startDataStage(install);
  const { data, pair } = stage;
  const { couplet } = pair;
  const file = `${couplet.dataDir}/value`;
  const run = async (command: string, ...rest: string[]) => {
    const { code, stdout, stderr } = await couplet.cli("data", command, ...rest);
    return { code, stdout, stderr };
  };
  const good = async (command: string, ...rest: string[]) => {
    const { code, stdout, stderr } = await run(command, ...rest);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const put = async (text: string, ...flags: string[]) => {
    await Deno.writeTextFile(file, text);
    return await run("put", ...flags, ...place, file);
  };
  const stored = async () => {
    const { status, json } = await data("GET", "teststore", { as: user });
    return status === 404 ? undefined : json;
  };

  const none = await run("get", ...place);
  assert.notEqual(none.code, 0);
  assert.match(none.stderr, /nothing in teststore/);
  assert.equal((await put('{"a": 1, "é": [null]}')).code, 0);
  assert.deepEqual(await stored(), { a: 1, é: [null] });
  assert.deepEqual(JSON.parse(await good("get", ...place)), { a: 1, é: [null] });
  assert.equal((await put('{ a = 2, list = { 1, 2, "three" } }', "--lua")).code, 0);
  assert.deepEqual(await stored(), { a: 2, list: [1, 2, "three"] });
  const lua = await good("get", "--lua", ...place);
  assert.equal(lua.trimEnd(), '{\n\t["a"] = 2;\n\t["list"] = {\n\t\t1;\n\t\t2;\n\t\t"three";\n\t};\n}');

  // What it shows it takes again, and nothing changes.
  assert.equal((await put(lua, "--lua")).code, 0);
  const versions = JSON.parse(await good("versions", "--json", ...place));
  assert.deepEqual(versions.map(({ replaced_by }: { replaced_by: string }) => replaced_by), ["cli", "cli"]);
  assert.deepEqual(versions.map(({ size }: { size: number }) => size > 0), [true, false]);
  const [first] = versions;
  assert.deepEqual(JSON.parse(await good("get", "--version", String(first.id), ...place)), {
    a: 1,
    é: [null],
  });

  await Deno.writeTextFile(file, '{"a": 3, "list": [1, 2, "three"]}');
  const compared = await good("diff", ...place, file);
  assert.match(compared, /^-\s+"a": 2,$/m);
  assert.match(compared, /^\+\s+"a": 3,$/m);
  assert.equal(/three.*\n.*three/.test(compared), false);
  assert.match(await good("diff", ...place), /^-\s+"é": \[$/m);

  await good("undo", ...place);
  assert.deepEqual(await stored(), { a: 1, é: [null] });
  await good("undo", ...place);
  assert.deepEqual(await stored(), { a: 2, list: [1, 2, "three"] });

  // A change by HTTP and one by command are one row.
  assert.equal((await data("DELETE", "teststore", { as: user })).status, 204);
  assert.equal(await stored(), undefined);
  const list = JSON.parse(await good("versions", "--json", ...place));
  assert.equal(list.length, 5);
  assert.equal(list[0].replaced_by, "user@example.org");
  await good("undo", ...place);
  assert.deepEqual(await stored(), { a: 2, list: [1, 2, "three"] });

  // Secrets take a flag, and what is wrong is told and changes nothing.
  const [hidden, whole] = [
    await good("get", "user@example.org", "accounts"),
    await good("get", "--secrets", "user@example.org", "accounts"),
  ];
  assert.equal(JSON.parse(hidden).stored_key, "[redacted]");
  assert.match(JSON.parse(whole).stored_key, /^[0-9a-f]{40}$/);
  for (
    const [text, reason] of [
      ["{bad", /JSON/],
      ["5", /object or a list/],
    ] as const
  ) {
    const refused = await put(text);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, reason);
  }
  for (
    const args of [["nobody@example.org", "teststore"], ["user@example.com", "teststore"], [
      "user",
      "teststore",
    ]]
      .concat([["user@example.org", "roster"], ["user@example.org", "../accounts"]])
  ) {
    assert.notEqual((await run("get", ...args)).code, 0, args.join(" "));
  }
  assert.deepEqual(await stored(), { a: 2, list: [1, 2, "three"] });

  await pair.prosody.stop();
  const away = await run("get", ...place);
  assert.notEqual(away.code, 0);
  assert.match(away.stderr, /Prosody/);
  await couplet.stop();
  const alone = await run("get", ...place);
  assert.notEqual(alone.code, 0);
  assert.match(alone.stderr, /couplet serve/);
});
