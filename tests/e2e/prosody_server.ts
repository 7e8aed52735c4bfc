import { commandLine, pathInside, type ProsodyInstall } from "../setup/prosody.ts";
import { freePort, type Output, repository, runProcess, startProcess } from "./process.ts";
import { prosodyConfig, type ProsodyOptions } from "./prosody_config.ts";
import { type Service, startService } from "./service.ts";

/** A real Prosody of a test's own. Disposing of it stops it and removes its folder. */
export interface ProsodyServer extends Service, AsyncDisposable {
  readonly version: string;
  /** The first of its VirtualHosts. */
  readonly host: string;
  readonly c2sPort: number;
  /** Where it answers HTTP, if it was asked to. */
  readonly httpPort: number | undefined;
  /** Prosody's files, as we see them. */
  readonly dataDir: string;
  /** Runs `prosodyctl` on its configuration; `prosodyctl shell …` works while the server runs. */
  ctl(...args: string[]): Promise<Output>;
}

/** Starts a Prosody, with our modules if there is a socket to call, and waits until it takes clients. */
export async function startProsody(
  install: ProsodyInstall,
  options: ProsodyOptions = {},
): Promise<ProsodyServer> {
  const folder = await Deno.makeTempDir({ dir: install.scratch, prefix: "couplet-prosody-" });
  const removeFolder = () => Deno.remove(folder, { recursive: true });
  try {
    const inside = pathInside(install, folder);
    const c2sPort = freePort();
    const httpPort = options.http ? freePort() : undefined;
    const socket = options.socket === undefined ? {} : { socket: pathInside(install, options.socket) };
    const config = prosodyConfig({ ...options, ...socket }, { folder: inside, c2sPort, httpPort });
    for (const name of ["data", "certs"]) await Deno.mkdir(`${folder}/${name}`);
    await copyModules(`${folder}/modules`);
    await Deno.writeTextFile(`${folder}/prosody.cfg.lua`, config);

    const command = (program: string, ...args: string[]) =>
      commandLine(install, program, "--config", `${inside}/prosody.cfg.lua`, ...args);
    const service = await startService(() => startProcess(command("prosody", "-F")), takesClients);
    return {
      ...service,
      ...{ version: install.version, host: options.hosts?.[0] ?? "example.org", c2sPort, httpPort },
      dataDir: `${folder}/data`,
      ctl: (...args) => runProcess(command("prosodyctl", ...args)),
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

const takesClients = (log: string) => /Activated service 'c2s' on (?!no ports)/.test(log);

/** Those that come with the daemon, and the tests' own. */
async function copyModules(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  for (const source of [`${repository}src/prosody/lua`, `${repository}tests/e2e/lua`]) {
    for await (const { name } of Deno.readDir(source)) {
      await Deno.copyFile(`${source}/${name}`, `${folder}/${name}`);
    }
  }
}
