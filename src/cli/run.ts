import {
  type Application,
  buildApplication,
  buildRouteMap,
  type Command,
  proposeCompletions,
  type RouteMap,
  run as runStricli,
  type StricliProcess,
  text_en,
} from "@stricli/core";
import { Problem } from "../core/problem.ts";
import { reasonOf } from "../core/reason.ts";
import { completionScript } from "./completion.ts";

/** What stricli hands to commands. */
export interface Proc {
  readonly process: StricliProcess;
}

export type Routes = Readonly<Record<string, Command<Proc> | RouteMap<Proc>>>;

/** An error that ends a command with its message alone and exit code 1; its class needs a name of this list. */
const expected = new Set([
  "Problem",
  "ConfigError",
  "StoreError",
  "SocketError",
  "ListenError",
  "CommandError",
]);

/** A command that could not do what it was asked: message for people, exit code 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

export function buildCli(routes: Routes, version: string): Application<Proc> {
  const root = buildRouteMap({
    routes,
    docs: {
      brief:
        "Invites, API keys and more beside a Prosody XMPP server. Shell completion: couplet completion bash|zsh|fish",
      hideRoute: { "mod_invites_api": true },
    },
  });
  const message = (error: unknown) => {
    if (!(error instanceof Error)) return `Error: ${error}`;
    if (error.name === "NotCapable") return `Error: ${reasonOf(error)}.`;
    if (!expected.has(error.name)) return error.stack ?? String(error);
    const faults = error instanceof Problem
      ? error.faults.filter(({ reason }) => reason !== error.message)
      : [];
    return [`Error: ${error.message}`, ...faults.map(({ at, reason }) => `  ${at}: ${reason}`)].join("\n");
  };
  return buildApplication(root, {
    name: "couplet",
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true },
    localization: { text: { ...text_en, exceptionWhileRunningCommand: (error) => message(error) } },
  });
}

const completionUsage = "Usage: couplet completion bash|zsh|fish\n";

/** Runs one command line. Answers the exit code: 0 done, 1 it could not be done, 2 wrong usage. */
export async function runCli(
  app: Application<Proc>,
  argv: readonly string[],
  proc: StricliProcess,
): Promise<number> {
  if (argv[0] === "__complete") {
    const typed = argv[1] === "help" && argv.length > 2 ? argv.slice(2) : argv.slice(1);
    const words = await proposeCompletions(app, typed, { process: proc });
    proc.stdout.write(words.map(({ completion }) => completion + "\n").join(""));
    return 0;
  }
  const words = argv[0] === "help" ? [...argv.slice(1), "--help"] : argv.length === 0 ? ["--help"] : argv;
  if (words[0] === "completion") {
    const isHelp = words[1] === "--help" || words[1] === "-h";
    const script = isHelp ? completionUsage : completionScript(words[1]);
    (script === undefined ? proc.stderr : proc.stdout).write(script ?? completionUsage);
    return script === undefined ? 2 : 0;
  }
  await runStricli(app, words, { process: proc });
  const code = Number(proc.exitCode ?? 0);
  return code === 0 || code === 1 ? code : 2; // stricli has a negative code for each kind of wrong usage
}
