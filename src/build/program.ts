import denoJson from "../../deno.json" with { type: "json" };
import { environment } from "../settings.ts";

export const { version } = denoJson;

/** The least that every command can do with: its addresses and folders are only known when it runs. */
export const permissions: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  `--allow-env=${environment.join(",")}`,
];

/**
 * Keeps memory small under load without costing speed (`deno task bench start` shows both): a small nursery for the
 * collector, and below, for glibc, one arena that gives back what is freed.
 */
export const engineFlags = "--v8-flags=--max-semi-space-size=4";
/** Without it Deno writes a note about request.signal into the log, which is JSON. */
export const quietFlag = "--unstable-no-legacy-abort";
export const allocatorSettings = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "65536" } as const;

/** A build that cannot go on; the message says what to do. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

export interface Ran {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. @throws BuildError if it cannot be started */
export async function run(program: string, args: readonly string[]): Promise<Ran> {
  const command = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
  try {
    const { success, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    throw new BuildError(`${program} cannot be started: ${(error as Error).message}. Is it on PATH?`);
  }
}

/** Runs one build for the command line: prints what it did, or one message, and ends the program. */
export async function buildMain(build: (out: string | undefined) => Promise<string>): Promise<never> {
  const encoder = new TextEncoder();
  try {
    Deno.stdout.writeSync(encoder.encode(await build(Deno.args[0]) + "\n"));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    Deno.stderr.writeSync(encoder.encode(`Error: ${error.message}\n`));
    Deno.exit(1);
  }
  Deno.exit(0);
}

/** A size for people: `43.1 MB`. */
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** The folder of a path, made if it is not there. */
export async function makeFolderOf(path: string): Promise<void> {
  const at = path.lastIndexOf("/");
  if (at > 0) await Deno.mkdir(path.slice(0, at), { recursive: true });
}
