import { buildRouteMap } from "@stricli/core";
import { args, command, type CommonFlags, on, value, values } from "../cli/command.ts";
import { createProgress } from "../cli/progress.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import type { Streams } from "../cli/streams.ts";
import { reasonOf } from "../core/reason.ts";
import { countUsers, hostsOf, readSource } from "../prosody/source.ts";
import { readRosters } from "../prosody/stored_rosters.ts";
import type { Imports, KindReport } from "./imports.ts";
import { hintOf, isFailed, type Report, reportJson, reportText, troubleLine } from "./report.ts";
import { type Kind, kinds, type Source } from "./tally.ts";

/** Opens the store that the flags' settings name, for as long as `work` runs. */
type WithImports = <T>(flags: CommonFlags, work: (imports: Imports) => Promise<T>) => Promise<T>;

interface Flags {
  readonly host?: string[];
  readonly only?: readonly Kind[];
  readonly dryRun?: boolean;
}

/** Prosody's stores that hold each kind. */
const stores: Record<Kind, readonly string[]> = {
  keys: ["invite_api_keys"],
  invites: ["invite_token"],
  rosters: ["roster"],
  groups: ["group_info", "groups"],
};
const mostSaid = 100; // lines about what could not be brought in
const mostListed = 10_000; // of them in JSON

/** `couplet import …` */
export function importCommands(withImports: WithImports, streams: Streams): Routes {
  const prosody = command<Flags, [string]>({
    brief: "Bring in what Prosody has kept: API keys, pending invites, groups, rosters",
    fullDescription:
      "SOURCE is Prosody's data folder (such as /var/lib/prosody) or its SQLite file. Links that are out and keys " +
      "that scripts hold go on working. What is here already stays as it is: run again, it goes on where it was " +
      "interrupted, and else changes nothing.",
    flags: {
      host: values("Only this host, instead of all that are served; may be repeated", "HOST"),
      only: value(`Only some of ${kinds.join(",")}`, "KINDS", readKinds),
      dryRun: on("Check everything, and change nothing"),
    },
    positional: args({ placeholder: "SOURCE", brief: "a folder or a file" }),
    call: ({ host: named, only = kinds, dryRun = false, ...flags }, path) =>
      withImports(flags, async (imports) => {
        const found = await reading(path, () => hostsOf(path, only.flatMap((kind) => stores[kind])));
        const wanted = named && [...new Set(named.map((host) => imports.domainOf(host)))];
        const hosts = wanted ?? found.filter(imports.isServed);
        const report: Report = {
          ...{ source: path, dryRun, kinds: [], troubles: [], more: 0 },
          missing: hosts.filter((host) => !found.includes(host)),
          notServed: wanted ? [] : found.filter((host) => !imports.isServed(host)),
        };
        for (const host of hosts) {
          for (const kind of kinds.filter((kind) => only.includes(kind))) {
            report.kinds.push(
              await importKind(imports, path, { host, kind, dryRun, report }, flags.json ?? false),
            );
          }
        }
        return {
          json: reportJson(report),
          text: reportText(report),
          hint: hintOf(report),
          failed: isFailed(report),
        };
      }),
  });

  async function importKind(
    imports: Imports,
    path: string,
    { host, kind, dryRun, report }: { host: string; kind: Kind; dryRun: boolean; report: Report },
    isQuiet: boolean,
  ): Promise<KindReport> {
    const total = streams.isWatched && kind === "rosters"
      ? await reading(path, () => countUsers(path, host, "roster"))
      : undefined;
    const progress = createProgress(streams, { unit: `${kind} of ${host}`, things: kind, total });
    return await imports.import(host, kind, sourceOf(path), {
      dryRun,
      onTrouble(trouble) {
        const one = { host, kind, ...trouble };
        if (report.troubles.length < mostListed) report.troubles.push(one);
        if (!isQuiet && report.troubles.length <= mostSaid) progress.say(troubleLine(one));
        else report.more++;
      },
      onProgress({ imported, there_already, expired, failed }) {
        const done = imported + there_already + expired + failed;
        progress.update(done, done);
      },
    }).finally(() => progress.end());
  }

  return {
    import: buildRouteMap({ routes: { prosody }, docs: { brief: "What Prosody and its modules have kept" } }),
  };
}

/** Prosody's files as the rules want them. */
const sourceOf = (path: string): Source => ({
  read: (host, store, onDamaged) => expecting(path, readSource(path, host, store, onDamaged)),
  rosters: (host) => expecting(path, readRosters(path, host)),
});

const unreadable = (path: string, error: unknown) =>
  new CommandError(
    `${path} cannot be read: ${reasonOf(error)}. ` +
      "Give Prosody's data folder (such as /var/lib/prosody), or its SQLite file.",
  );

/** What reading throws is about the source, and no fault of ours. */
async function reading<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* expecting<T>(path: string, entries: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* entries;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readKinds(text: string): Kind[] {
  const words = text.split(",");
  const unknown = words.find((word) => !(kinds as readonly string[]).includes(word));
  if (unknown === undefined) return words as Kind[];
  throw new SyntaxError(`${JSON.stringify(unknown)} is none of ${kinds.join(", ")}`);
}
