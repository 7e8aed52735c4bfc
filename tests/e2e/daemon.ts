import { freePort, type Output, runProcess, startProcess } from "./process.ts";
import { type Service, startService } from "./service.ts";

/** How a test wants its daemon. */
export interface CoupletOptions {
  /** The domains it serves. */
  readonly hosts: readonly string[];
  /** Where its own folder is made: `install.scratch` of the Prosody that is to find its socket. */
  readonly scratch?: string;
  /** A data folder that is there already, and stays when the daemon goes. */
  readonly dataDir?: string;
  /** More settings, or others. */
  readonly env?: Readonly<Record<string, string>>;
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
  /** The program under test, in place of `deno run … main.ts`. */
  readonly program?: readonly string[];
}

/** The real daemon as a process of its own. Disposing of it stops it and removes the folder made for it. */
export interface CoupletDaemon extends Service, AsyncDisposable {
  /** Where it answers HTTP; the same after a restart. */
  readonly url: string;
  /** Its control socket. */
  readonly socket: string;
  readonly dataDir: string;
  /** Runs the program with the same settings. */
  cli(...args: string[]): Promise<Output>;
}

const fromSource = [Deno.execPath(), "run", "--quiet", "--frozen", "--allow-all", "main.ts"];

/** Starts the daemon and waits until it says that it is ready. Its log is JSON, a line an event. */
export async function startCouplet(options: CoupletOptions): Promise<CoupletDaemon> {
  const program = options.program ?? fromSource;
  const dataDir = options.dataDir ?? await makeFolder(options.scratch);
  const removeFolder = async () => {
    if (options.dataDir === undefined) await Deno.remove(dataDir, { recursive: true });
  };
  const env = {
    COUPLET_DATA_DIR: dataDir,
    COUPLET_HOSTS: options.hosts.join(","),
    // Not port 0: links in invites are made from this setting, and a restart comes back to the same address.
    COUPLET_HTTP_LISTEN: `127.0.0.1:${freePort()}`,
    COUPLET_CONTROL_SOCKET: `${dataDir}/control.sock`,
    COUPLET_LOG_FORMAT: "json",
    ...options.env,
  };
  try {
    const service = await startService(
      () => startProcess([...program, "serve", ...options.args ?? []], env),
      (log) => readyUrl(log) !== undefined,
    );
    return {
      ...service,
      ...{ url: readyUrl(service.log()) ?? "", socket: env.COUPLET_CONTROL_SOCKET, dataDir },
      cli: (...args) => runProcess([...program, ...args], env),
      async [Symbol.asyncDispose]() {
        await service.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

const makeFolder = (scratch: string | undefined) =>
  Deno.makeTempDir({ prefix: "couplet-data-", ...(scratch === undefined ? {} : { dir: scratch }) });

/** The address in the line that says the daemon is ready, once that line is whole. */
function readyUrl(log: string): string | undefined {
  const line = log.split("\n").slice(0, -1).find((line) => line.includes(`"message":"Couplet is ready"`));
  return line === undefined ? undefined : (JSON.parse(line) as { url: string }).url;
}
