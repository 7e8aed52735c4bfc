import {
  BuildError,
  buildMain,
  engineFlags,
  makeFolderOf,
  megabytes,
  permissions,
  quietFlag,
  run,
  version,
} from "./program.ts";

const base = `denort-${Deno.build.target}.zip`;

/**
 * Writes one executable with `deno compile`. Answers what to tell people.
 * @throws BuildError with what to do; among others when Deno's base binary, denort, cannot be had
 */
export async function compile(out = "dist/couplet-bin"): Promise<string> {
  await makeFolderOf(out);
  const args = [
    "compile",
    "--frozen",
    "--quiet",
    "--exclude-unused-npm",
    ...permissions,
    engineFlags,
    quietFlag,
    "-o",
    out,
    "main.ts",
  ];
  const compiled = await run("deno", args);
  if (!compiled.success) {
    throw new BuildError(
      /base binary|denort/i.test(compiled.stderr)
        ? `denort, Deno's base binary for compiled programs, cannot be had. From a machine with access, bring ${base} ` +
          `of Deno ${Deno.version.deno}: unzip it and set DENORT_BIN=/path/to/denort, or put it into ` +
          `DENO_DIR as dl/release/v${Deno.version.deno}/${base}.`
        : `deno compile failed.\n${compiled.stderr.replace(/\n+Stack backtrace:[\s\S]*$/, "").trimEnd()}`,
    );
  }
  // A base binary that is no denort makes a file that runs, but not Couplet.
  const path = out.startsWith("/") ? out : `./${out}`;
  const said = await run(path, ["--version"]);
  if (said.stdout.trim() !== version) {
    await Deno.remove(out);
    throw new BuildError(
      "What deno compile wrote does not run as Couplet. Is DENORT_BIN a denort of this Deno?",
    );
  }
  const { size } = await Deno.stat(out);
  const made = `Couplet ${version}, Deno ${Deno.version.deno}`;
  return `${out}: ${megabytes(size)}, compiled, for ${Deno.build.target} (${made}).
Next: copy it to /usr/local/bin/couplet and go on with docs/install.md.`;
}

if (import.meta.main) await buildMain(compile);
