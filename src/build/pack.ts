import { createHash } from "node:crypto";
import head from "./head.sh" with { type: "text" };
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

const systems: Readonly<Record<string, string>> = {
  "linux x86_64": "Linux x86_64",
  "linux aarch64": "Linux aarch64",
  "darwin x86_64": "Darwin x86_64",
  "darwin aarch64": "Darwin arm64",
};
const flags = [
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  quietFlag,
  engineFlags,
  ...permissions,
];
const headSize = 8192; // bytes; fixed, so that the head can name the offsets behind it

/**
 * Writes one self-extracting file: a shell head, this Deno and Couplet's program. Answers what to tell people.
 * @throws BuildError with what to do
 */
export async function pack(out = "dist/couplet"): Promise<string> {
  const system = systems[`${Deno.build.os} ${Deno.build.arch}`];
  if (system === undefined) throw new BuildError(`Nothing can be packed on ${Deno.build.os}.`);
  await makeFolderOf(out);
  const bundle = `${out}.js`;
  const bundled = await run("deno", ["bundle", "--frozen", "--quiet", "-o", bundle, "main.ts"]);
  if (!bundled.success) throw new BuildError(`deno bundle failed.\n${bundled.stderr.trimEnd()}`);
  const room = (await Deno.stat(Deno.execPath())).size + (await Deno.stat(bundle)).size;
  const [deno, js] = await Promise.all([gzip(Deno.execPath()), gzip(bundle)]);
  const start = fillHead({
    VERSION: version,
    DENO: Deno.version.deno,
    SYSTEM: system,
    ID: createHash("sha256").update(deno).update(js).digest("hex").slice(0, 32),
    DENO_START: headSize + 1, // tail counts from 1
    DENO_END: headSize + deno.length,
    JS_START: headSize + deno.length + 1,
    ROOM: Math.ceil(room / 1e6),
    FLAGS: flags.join(" "),
  });
  const draft = `${out}.part`;
  await Deno.writeFile(draft, new Blob([start, deno, js]).stream());
  await Deno.chmod(draft, 0o755);
  await Deno.rename(draft, out);
  const size = megabytes(headSize + deno.length + js.length);
  return `${out}: ${size}, self-extracting, for ${system} (Couplet ${version}, Deno ${Deno.version.deno}).
It unpacks ${megabytes(room)} on its first start.
Next: copy it to /usr/local/bin/couplet and go on with docs/install.md.`;
}

async function gzip(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await Deno.open(path);
  return await new Response(file.readable.pipeThrough(new CompressionStream("gzip"))).bytes();
}

function fillHead(values: Readonly<Record<string, string | number>>): Uint8Array<ArrayBuffer> {
  const text = head.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new BuildError(`head.sh names @${name}@, which pack.ts does not fill.`);
    return String(value);
  });
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > headSize) throw new BuildError(`head.sh is longer than ${headSize} bytes.`);
  const padded = new Uint8Array(headSize).fill("\n".charCodeAt(0));
  padded.set(bytes);
  return padded;
}

if (import.meta.main) await buildMain(pack);
