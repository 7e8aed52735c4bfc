import assert from "node:assert/strict";
import { pack } from "../src/build/pack.ts";
import { allocatorSettings, version } from "../src/build/program.ts";
import { environment } from "../src/settings.ts";

const dockerfile = parseDockerfile(await Deno.readTextFile("Dockerfile"));
const [build, final] = [dockerfile.slice(0, secondFrom()), dockerfile.slice(secondFrom())];

Deno.test("the Dockerfile copies what is there and what .dockerignore lets in", async () => {
  const letIn = (await Deno.readTextFile(".dockerignore")).split("\n")
    .filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const sources = copied(build);
  assert.ok(sources.length > 0);
  for (const source of sources) {
    await Deno.stat(source);
    assert.ok(letIn.includes(source), `${source} is not let in`);
  }
  assert.deepEqual(letIn.filter((name) => !sources.includes(name)), [], "let in for nothing");
  assert.deepEqual(copied(final), [], "the last stage takes the executable alone");
  assert.match(only(final, "COPY"), /^--from=build \/build\/dist\/couplet-bin /);
});

Deno.test("the Dockerfile pins its images, the first to the Deno that runs these tests", () => {
  assert.equal(only(build, "FROM"), `denoland/deno:${Deno.version.deno} AS build`);
  assert.match(only(final, "FROM"), /^[a-z/]+:[0-9]+\.[0-9]+-slim$/);
});

Deno.test("the container runs as a user of its own, and sets only what Couplet reads", () => {
  assert.match(only(final, "USER"), /^[1-9][0-9]*:[1-9][0-9]*$/);
  assert.ok(
    final.findIndex(({ name }) => name === "USER") > final.findLastIndex(({ name }) => name === "RUN"),
    "folders are made by root",
  );
  const set = only(final, "ENV").split(/\s+/).map((pair) => pair.split("=")[0] ?? "");
  assert.deepEqual(
    set.filter((variable) => ![...environment, ...Object.keys(allocatorSettings)].includes(variable)),
    [],
  );
  assert.deepEqual(JSON.parse(only(final, "ENTRYPOINT")), ["couplet"]);
  assert.deepEqual(JSON.parse(only(final, "CMD")), ["serve"]);
});

Deno.test("the Dockerfile's build runs, or says in one line what it needs", async () => {
  await using dir = await temporary();
  for (const { name, text } of build) {
    if (name === "COPY") {
      const sources = text.split(/\s+/).slice(0, -1);
      const { code } = await run("cp", ["-R", ...sources, dir.path]);
      assert.equal(code, 0);
    }
    if (name !== "RUN") continue;
    const { code, stdout, stderr } = await run("sh", ["-ec", text], { cwd: dir.path });
    if (code === 0) continue;
    assert.equal(text, "deno task compile", `${text}: ${stdout}${stderr}`);
    const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Task compile "));
    assert.equal(lines.length, 1, stderr);
    assert.match(lines[0] ?? "", /^Error: denort, .* DENORT_BIN=.* DENO_DIR as dl\/release\//);
  }
  assert.equal(await Deno.readTextFile(`${dir.path}/deno.lock`), await Deno.readTextFile("deno.lock"));
});

Deno.test("the self-extracting file", async (t) => {
  await using dir = await temporary();
  const file = `${dir.path}/couplet`;
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: dir.path, COUPLET_DATA_DIR: `${dir.path}/data` };
  const couplet = (args: string[], more: Record<string, string> = {}, program = file) =>
    run(program, args, { clearEnv: true, env: { ...env, ...more } });

  await t.step("is made, says its size, and calls itself what it is", async () => {
    const said = await pack(file);
    assert.match(said, /: [0-9.]+ MB, self-extracting, for /);
    assert.doesNotMatch(said, /compiled/);
    assert.equal((await Deno.stat(file)).mode! & 0o777, 0o755);
  });

  await t.step("works for two first starts at the same time", async () => {
    const both = await Promise.all([couplet(["--version"]), couplet(["--version"])]);
    assert.deepEqual(both, [0, 0].map((code) => ({ code, stdout: version + "\n", stderr: "" })));
    const root = `${dir.path}/.cache/couplet`;
    assert.equal((await Deno.stat(root)).mode! & 0o777, 0o700);
    const [id, ...more] = namesIn(root);
    assert.deepEqual(more, []);
    assert.deepEqual(namesIn(`${root}/${id}`), ["cache", "couplet.js", "deno"]);
  });

  await t.step("works after a first start that was killed half way", async () => {
    const cache = { COUPLET_CACHE: `${dir.path}/killed` };
    await couplet(["-s", "KILL", "0.2", file, "--version"], cache, "timeout");
    assert.equal((await couplet(["--version"], cache)).stdout, version + "\n");
    await Deno.remove(cache.COUPLET_CACHE, { recursive: true });
  });

  await t.step("works without HOME", async () => {
    const { HOME: _, ...rest } = env;
    const homeless = { ...rest, TMPDIR: dir.path };
    const { code, stdout, stderr } = await run(file, ["--version"], { clearEnv: true, env: homeless });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: version + "\n", stderr: "" });
  });

  await t.step("does not run what others could have put there", async () => {
    const root = `${dir.path}/open/couplet`;
    await Deno.mkdir(root, { recursive: true });
    await Deno.chmod(root, 0o777);
    const { code, stderr } = await couplet(["--version"], { COUPLET_CACHE: `${dir.path}/open` });
    assert.equal(code, 1);
    assert.match(stderr, /^couplet: .*\/open\/couplet belongs to somebody else, or others may write to it\./);
  });

  await t.step("hands on arguments untouched, through a symlink on PATH", async () => {
    await Deno.mkdir(`${dir.path}/a bin`);
    await Deno.symlink(file, `${dir.path}/a bin/couplet`);
    const PATH = `${dir.path}/a bin:${env.PATH}`;
    const made = await couplet(
      ["-c", 'couplet keys create localhost "$1"', "sh", "a  b'\"$c"],
      { PATH },
      "sh",
    );
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^[\w-]+\/cplt_\w+\n$/);
    const [key] = JSON.parse((await couplet(["keys", "list", "localhost", "--json"])).stdout);
    assert.equal(key.name, "a  b'\"$c");
  });

  await t.step("carries Prosody's modules", async () => {
    const { code, stderr } = await couplet(["prosody", "install", `${dir.path}/modules`]);
    assert.equal(code, 0, stderr);
    for (const name of namesIn(`${dir.path}/modules`)) {
      const carried = await Deno.readTextFile(`${dir.path}/modules/${name}`);
      assert.equal(carried, await Deno.readTextFile(`src/prosody/lua/${name}`));
    }
  });

  await t.step("serves, is found healthy by the container's check, and ends cleanly on SIGTERM", async () => {
    const serving = new Deno.Command(file, {
      args: ["serve"],
      clearEnv: true,
      env: { ...env, COUPLET_HTTP_LISTEN: "127.0.0.1:0" },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    using _ = { [Symbol.dispose]: () => hasEnded || serving.kill("SIGKILL") };
    let hasEnded = false;
    serving.status.then(() => hasEnded = true);
    let log = "";
    const logged = Promise.withResolvers<string>();
    const reading = (async () => {
      for await (const part of serving.stderr.pipeThrough(new TextDecoderStream())) {
        log += part;
        const [, url] = /"url":"([^"]+)"/.exec(log) ?? [];
        if (url !== undefined) logged.resolve(url);
      }
      logged.reject(new Error(log));
    })();
    const url = await logged.promise;
    const answer = await fetch(`${url}/livez`);
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    const check = only(final, "HEALTHCHECK").replace(/^.*?CMD /, "").replace("5290", new URL(url).port);
    const [shell, ...args] = JSON.parse(check) as [string, ...string[]];
    const healthy = await run(shell, args);
    assert.equal(healthy.code, 0, healthy.stderr);
    serving.kill("SIGTERM");
    const { code, signal } = await serving.status;
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    await reading;
    assert.match(log, /Couplet has stopped/);
    assert.notEqual((await run(shell, args)).code, 0, "nobody answers the check any more");
  });
});

interface Instruction {
  readonly name: string;
  readonly text: string;
}

function parseDockerfile(text: string): Instruction[] {
  return text.replace(/^#.*\n/gm, "").replace(/\\\n\s*/g, " ").split("\n").filter((line) => line !== "")
    .map((line) => ({
      name: line.split(" ", 1)[0] ?? "",
      text: line.slice(line.indexOf(" ")).trim().replace(/\s+/g, " "),
    }));
}

function secondFrom(): number {
  return dockerfile.findLastIndex(({ name }) => name === "FROM");
}

function only(stage: readonly Instruction[], wanted: string): string {
  const found = stage.filter(({ name }) => name === wanted);
  assert.equal(found.length, 1, `${found.length} times ${wanted}`);
  return found[0]?.text ?? "";
}

/** What a stage copies from the tree. */
const copied = (stage: readonly Instruction[]) =>
  stage.filter(({ name, text }) => name === "COPY" && !text.startsWith("--from="))
    .flatMap(({ text }) => text.split(" ").slice(0, -1));

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

async function temporary(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "couplet-packaging-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function run(program: string, args: string[], options: Deno.CommandOptions = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    stdin: "null",
    ...options,
    env: { NO_COLOR: "1", ...options.env },
    args,
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
