import denoJson from "./deno.json" with { type: "json" };
import { command, type CommonFlags } from "./src/cli/command.ts";
import { buildCli, CommandError, type Routes, runCli } from "./src/cli/run.ts";
import type { Streams } from "./src/cli/streams.ts";
import type { Print } from "./src/campaigns/sheet_commands.ts";
import { type Config, readConfig } from "./src/config.ts";
import { configureLog } from "./src/core/log.ts";
import { reasonOf } from "./src/core/reason.ts";
import { openServices } from "./src/open.ts";
import type { Services } from "./src/services.ts";
import { createDataOverDaemon } from "./src/prosody/data_over_daemon.ts";
import { absent } from "./src/prosody/prosody.ts";
import { startDaemon } from "./src/serve.ts";
import { environment } from "./src/settings.ts";

const { version } = denoJson;
const encoder = new TextEncoder();

async function loadConfig({ config }: CommonFlags): Promise<Config> {
  const env = Object.fromEntries(environment.map((variable) => [variable, Deno.env.get(variable)]));
  const name = config ?? env.COUPLET_CONFIG;
  if (name === undefined || name === "") return readConfig({ env });
  const text = await Deno.readTextFile(name).catch((error) => {
    const origin = config === undefined ? " (COUPLET_CONFIG)" : "";
    throw new CommandError(`${name}${origin} cannot be read: ${reasonOf(error)}.`);
  });
  return readConfig({ env, file: { text, name } });
}

/** Opens the services for one command; the daemon may run at the same time. */
async function withServices<T>(flags: CommonFlags, work: (services: Services) => Promise<T>): Promise<T> {
  const config = await loadConfig(flags);
  using stored = createDataOverDaemon(absolute(config["control.socket"]));
  await using opened = await openServices(config, { ...absent, stored });
  return await work(opened.services);
}

const serve = command({
  brief: "Run the daemon",
  hasOwnForm: true,
  flags: {},
  positional: { kind: "tuple", parameters: [] },
  async call(flags) {
    const config = await loadConfig(flags);
    const format = config["log.format"] === "auto"
      ? (Deno.stderr.isTerminal() ? "text" : "json")
      : config["log.format"];
    configureLog({ format, level: config["log.level"], write: say });
    const daemon = await startDaemon(config, version);
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
    });
    await daemon.stop();
    return undefined;
  },
});

const say = (text: string) => void Deno.stderr.writeSync(encoder.encode(text));

const streams: Streams = {
  stdin: () => Deno.stdin.readable,
  async write(text) {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await writeOut(bytes.subarray(at));
  },
  say,
  get isWatched() {
    return Deno.stderr.isTerminal();
  },
};

async function writeOut(bytes: Uint8Array): Promise<number> {
  try {
    return await Deno.stdout.write(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    throw new CommandError("Nobody reads the output any more.");
  }
}

const printSheet: Print = async (flags, { host, label, lang, cards }) => {
  const [{ createHosts }, { createSites }, { chooseLanguage }, { sheetOf }] = await Promise.all([
    import("./src/hosts/hosts.ts"),
    import("./src/web/site.ts"),
    import("./src/web/language.ts"),
    import("./src/campaigns/sheet_page.tsx"),
  ]);
  const config = await loadConfig(flags);
  const hosts = createHosts(config.hosts, { url: (domain) => `http://${domain}`, settings: config });
  const site = createSites(hosts.all, () => "")(host); // a sheet has no logo
  return sheetOf(cards, { label, site, language: chooseLanguage(lang, undefined, site.language) });
};

/** Every command; the daemon loads its own alone, to be there sooner and smaller. */
async function loadRoutes(): Promise<Routes> {
  if (Deno.args[0] === "serve") return { serve };
  const [
    { keyCommands },
    { inviteCommands },
    { peopleCommands },
    { campaignCommands },
    { groupCommands },
    { requestCommands },
    { rosterCommands },
    { dataCommands },
    { importCommands },
    { prosodyCommands },
    { webhookCommands },
  ] = await Promise.all([
    import("./src/keys/commands.ts"),
    import("./src/invites/commands.ts"),
    import("./src/people/commands.ts"),
    import("./src/campaigns/commands.ts"),
    import("./src/groups/commands.ts"),
    import("./src/campaigns/request_commands.ts"),
    import("./src/rosters/commands.ts"),
    import("./src/data/commands.ts"),
    import("./src/imports/commands.ts"),
    import("./src/prosody/commands.ts"),
    import("./src/webhooks/commands.ts"),
  ]);
  return {
    serve,
    ...keyCommands((flags, work) => withServices(flags, ({ keys }) => work(keys))),
    ...inviteCommands(
      (flags, work) => withServices(flags, ({ invites }) => work(invites)),
      campaignCommands(withServices, streams, printSheet),
    ),
    ...peopleCommands(withServices),
    ...groupCommands(withServices),
    ...requestCommands(withServices),
    ...rosterCommands(withServices, streams),
    ...dataCommands(withServices, streams),
    ...webhookCommands(withServices),
    ...importCommands(
      (flags, work) => withServices(flags, async ({ imports }) => work(await imports())),
      streams,
    ),
    ...prosodyCommands(async (flags) => absolute((await loadConfig(flags))["control.socket"])),
  };
}

const absolute = (path: string) => path.startsWith("/") ? path : `${Deno.cwd()}/${path.replace(/^\.\//, "")}`;

if (import.meta.main) {
  const code = await runCli(buildCli(await loadRoutes(), version), Deno.args, {
    stdout: { write: (text) => void Deno.stdout.writeSync(encoder.encode(text)) },
    stderr: { write: say },
  });
  Deno.exit(code);
}
