/** Where the community modules of Prosody lie, unpacked and not installed: no other Prosody here sees them. */
export const communityModules = "/var/cache/couplet-bench/usr/lib/prosody/modules";

const needed = [
  { name: "wrk", file: "/usr/bin/wrk" },
  { name: "prosody", file: "/usr/bin/prosody" },
  { name: "lua-dbi-sqlite3", file: "/usr/share/doc/lua-dbi-sqlite3/copyright" },
];

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

/**
 * Brings what the benchmarks use beyond Deno, from Debian's packages.
 * @throws Error with what to do, where it cannot
 */
export async function bringTools(): Promise<void> {
  const there = await Promise.all(needed.map(({ file }) => exists(file)));
  const missing = needed.filter((_, i) => !there[i]).map(({ name }) => name);
  const hasModules = await exists(communityModules);
  if (missing.length === 0 && hasModules) return;
  if (Deno.uid() !== 0) {
    throw new Error(`As root on Debian, once: apt-get install wrk prosody lua-dbi-sqlite3, and this again.`);
  }
  await run("apt-get", "-qq", "update").catch(() => {}); // what counts is whether the rest works
  if (missing.length > 0) {
    await run("apt-get", "-qq", "--yes", "--no-install-recommends", "install", ...missing);
  }
  if (!hasModules) await unpackModules("/var/cache/couplet-bench");
}

/** Not installed: Debian puts them among Prosody's own, where every Prosody on this machine would find them. */
async function unpackModules(folder: string): Promise<void> {
  const draft = await Deno.makeTempDir({ prefix: "couplet-bench-" });
  await run("sh", "-c", `cd ${draft} && apt-get -qq download prosody-modules`);
  await run("sh", "-c", `mkdir -p ${folder} && dpkg-deb -x ${draft}/prosody-modules_*.deb ${folder}`);
  await Deno.remove(draft, { recursive: true });
}

async function run(program: string, ...args: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const { success, stderr } = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  if (!success) throw new Error(`${[program, ...args].join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
