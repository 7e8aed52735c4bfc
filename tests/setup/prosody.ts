/** One Prosody that tests can run. */
export interface ProsodyInstall {
  /** Such as `0.12` or `13`: the version as far as modules care. */
  readonly series: string;
  /** Such as `0.12.3` or `13.0.1`. */
  readonly version: string;
  /** The folder that it is confined to, with chroot; `/` for the one of this machine. */
  readonly root: string;
  /** Where a folder can be made that this Prosody and everybody else can see. */
  readonly scratch: string;
}

/** The folder with a Debian 13, for its Prosody: `COUPLET_TEST_TRIXIE`, or one kept between runs. */
export const trixieFolder = (): string => Deno.env.get("COUPLET_TEST_TRIXIE") ?? "/var/cache/couplet-trixie";

/** Every Prosody that there is: the machine's own, and that of {@linkcode trixieFolder} if we may use chroot. */
export async function findProsodies(): Promise<ProsodyInstall[]> {
  const folder = trixieFolder();
  const places = [{ root: "/", scratch: Deno.env.get("TMPDIR") ?? "/tmp" }];
  if (Deno.uid() === 0) places.push({ root: folder, scratch: `${folder}/tmp` });
  const found = await Promise.all(places.map(async (place) => {
    const version = await versionIn(place.root);
    return version === undefined ? [] : [{ ...place, version, series: seriesOf(version) }];
  }));
  return found.flat().filter((one, i, all) => all.findIndex(({ series }) => series === one.series) === i);
}

/** A program of this Prosody and its arguments, as they are to be called from outside. */
export const commandLine = ({ root }: Pick<ProsodyInstall, "root">, ...command: string[]): string[] =>
  root === "/" ? command : ["chroot", root, ...command];

/**
 * What this Prosody calls a path of ours.
 * @throws Error if it cannot see it
 */
export function pathInside({ root, version }: ProsodyInstall, path: string): string {
  if (root === "/") return path;
  if (path.startsWith(`${root}/`)) return path.slice(root.length);
  throw new Error(
    `Prosody ${version} sees only what is in ${root}, not ${path}. Make it in install.scratch.`,
  );
}

/** COMPAT(prosody 0.12): `prosody --version` starts a server there; `prosodyctl about` never does. */
async function versionIn(root: string): Promise<string | undefined> {
  const isThere = await Deno.stat(`${root}/usr/bin/prosodyctl`).then(() => true, () => false);
  if (!isThere) return undefined;
  const [program = "", ...args] = commandLine({ root }, "/usr/bin/prosodyctl", "about");
  const { stdout } = await new Deno.Command(program, { args, stdin: "null", stderr: "null" }).output();
  return /^Prosody (\d[\w.]*)/m.exec(new TextDecoder().decode(stdout))?.[1];
}

/** Prosody counts 0.11, 0.12, 13, 14. */
const seriesOf = (version: string): string => /^(0\.\d+|\d+)/.exec(version)?.[0] ?? version;
