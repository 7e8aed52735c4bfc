/**
 * Brings what the tests use beyond Deno, from Debian's packages: `deno run --allow-all tests/setup/install.ts`.
 * Where it cannot (not root, not Debian, no network) it names what is missing and succeeds: those tests are skipped.
 */
import { findProsodies, trixieFolder } from "./prosody.ts";

// mod_http_roster_admin, which is in no package of Debian's, needs the second.
const libraries = ["lua-dbi-sqlite3", "lua-cjson"].map((name) => ({
  ...{ name, file: `/usr/share/doc/${name}/copyright` },
}));
const packages: readonly { name: string; program?: string; file?: string }[] = [
  { name: "prosody", program: "prosodyctl" },
  ...libraries,
  { name: "lua-check", program: "luacheck" },
  { name: "debootstrap", program: "debootstrap" },
  { name: "curl", program: "curl" },
  { name: "chromium", program: "chromium" },
  { name: "fonts-dejavu-core", file: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf" },
];
const programFolders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin"];
const apt = (...args: string[]) => ["apt-get", "-qq", "--yes", "--no-install-recommends", ...args];

/** A step that did not work; the message says why. */
class StepError extends Error {
  override readonly name = "StepError";
}

const say = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

async function run(...command: string[]): Promise<void> {
  const [program = "", ...args] = command;
  const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const { success, stdout, stderr } = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  if (success) return;
  const printed = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n").trim();
  throw new StepError(`${command.join(" ")} failed:\n${printed.split("\n").slice(-8).join("\n")}`);
}

async function missingPackages(wanted: readonly string[]): Promise<string[]> {
  const relevant = packages.filter(({ name }) => wanted.includes(name));
  const missing = await Promise.all(relevant.map(async ({ name, program, file }) => {
    const places = file === undefined ? programFolders.map((folder) => `${folder}/${program}`) : [file];
    const found = await Promise.all(places.map(exists));
    return found.includes(true) ? [] : [name];
  }));
  return missing.flat();
}

/** Debian's way to say that a package may not start its service; one that is there already stays. */
async function withoutServices(root: string, work: () => Promise<void>): Promise<void> {
  const policy = `${root}/usr/sbin/policy-rc.d`;
  if (await exists(policy)) return await work();
  await Deno.writeTextFile(policy, "#!/bin/sh\nexit 101\n");
  await Deno.chmod(policy, 0o755);
  try {
    await work();
  } finally {
    await Deno.remove(policy);
  }
}

async function installPackages(names: string[]): Promise<void> {
  say(`Installing ${names.join(", ")} from Debian's packages.`);
  // A source of somebody else's that is down must not stop us: what counts is whether the install works.
  await run(...apt("update")).catch((error) => say(error.message));
  await withoutServices("", () => run(...apt("install", ...names)));
}

/** Made aside and renamed when it is whole, so that a half-made one is never taken for it. */
async function buildTrixie(folder: string): Promise<void> {
  const draft = `${folder}.part`;
  if (await exists(folder)) throw new StepError(`${folder} is there, but without Prosody: remove it.`);
  say(`Building ${folder} with Debian 13's Prosody: this once, about a minute and 400 MB.`);
  await run("rm", "-rf", "--one-file-system", draft);
  await run("debootstrap", "--variant=minbase", "trixie", draft);
  await withoutServices(draft, async () => {
    await run("chroot", draft, ...apt("update"));
    await run("chroot", draft, ...apt("install", "prosody", ...libraries.map(({ name }) => name)));
  });
  await Deno.rename(draft, folder);
}

/** For a folder that was made before tests wanted these. */
async function addLibraries(folder: string): Promise<void> {
  if (!await exists(`${folder}/usr/bin/prosodyctl`)) return;
  const there = await Promise.all(libraries.map(({ file }) => exists(folder + file)));
  const missing = libraries.filter((_, i) => !there[i]).map(({ name }) => name);
  if (missing.length === 0) return;
  say(`Installing ${missing.join(", ")} in ${folder}.`);
  await withoutServices(folder, async () => {
    await run("chroot", folder, ...apt("update"));
    await run("chroot", folder, ...apt("install", ...missing));
  });
}

/** The Debian 13 folder is not needed where the machine's own Prosody is as new. */
async function needsTrixie(folder: string): Promise<boolean> {
  if (await exists(`${folder}/usr/bin/prosodyctl`)) return false;
  return (await findProsodies()).every(({ series }) => series !== "13");
}

async function isDebian(): Promise<boolean> {
  const release = await Deno.readTextFile("/etc/os-release").catch(() => "");
  return /^ID(_LIKE)?=.*\bdebian\b/m.test(release);
}

async function install(wanted: readonly string[], trixie: boolean): Promise<void> {
  const missing = await missingPackages(wanted);
  if (Deno.uid() !== 0 || !await isDebian()) {
    const folder = trixieFolder();
    if (trixie && await needsTrixie(folder)) missing.push(`Debian 13's Prosody in ${folder}`);
    if (missing.length > 0) {
      say(`Missing, and only root on Debian can install it here: ${missing.join(", ")}.`);
    }
    return;
  }
  if (missing.length > 0) await installPackages(missing);
  const folder = trixieFolder();
  if (trixie && await needsTrixie(folder)) await buildTrixie(folder);
  if (trixie) await addLibraries(folder);
}

/** Installs what is missing of `wanted`, as far as it can; says what it does and what it cannot do, and returns. */
export async function bring(wanted: readonly string[], { trixie }: { trixie: boolean }): Promise<void> {
  try {
    await install(wanted, trixie);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    say(`${error.message}\nGoing on without it.`);
  }
}

if (import.meta.main) await bring(packages.map(({ name }) => name), { trixie: true });
