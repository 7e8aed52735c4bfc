import { engineFlags } from "../../src/build/program.ts";
import { repository } from "../e2e/process.ts";
import { host } from "./sides.ts";

/** What an import said, and what it took. */
export interface CommandRun {
  // deno-lint-ignore no-explicit-any -- what a command prints
  readonly said: any;
  readonly seconds: number;
  /** The most that was resident, MB. */
  readonly memory: number;
}

/** The real command with `--json`, on a data folder of its own. @throws Error if it fails */
export async function runImport(
  args: readonly string[],
  dataDir: string,
  flags: readonly string[],
): Promise<CommandRun> {
  const program = ["run", ...flags.length > 0 ? flags : [engineFlags], "--frozen", "--allow-all", "main.ts"];
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...program, ...args, "--json"],
    env: { COUPLET_DATA_DIR: dataDir, COUPLET_HOSTS: host },
    ...{ cwd: repository, stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  let memory = 0;
  const look = async () => {
    const status = await Deno.readTextFile(`/proc/${child.pid}/status`).catch(() => "");
    memory = Math.max(memory, Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
  };
  const timer = setInterval(look, 50);
  const { code, stdout, stderr } = await child.output().finally(() => clearInterval(timer));
  const seconds = (performance.now() - started) / 1_000;
  if (code !== 0) throw new Error(`The import failed: ${new TextDecoder().decode(stderr)}`);
  return { said: JSON.parse(new TextDecoder().decode(stdout)), seconds, memory };
}
