import { args, command, type CommonFlags, on } from "../cli/command.ts";
import { createProgress } from "../cli/progress.ts";
import { CommandError } from "../cli/run.ts";
import type { Streams } from "../cli/streams.ts";
import { reasonOf } from "../core/reason.ts";
import { countUsers, readRosters } from "../prosody/stored_rosters.ts";
import type { ImportCount, Incoming, LeftOut, RosterTransfer } from "./transfer.ts";
import { leftOutLine, readExport, requireExport } from "./transfer_lines.ts";

type WithTransfer = <T>(
  flags: CommonFlags,
  work: (services: { rosterTransfer: RosterTransfer }) => Promise<T>,
) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const mostSaid = 100; // lines about what was left out
const mostListed = 10_000; // of them in JSON

/** `couplet rosters import` */
export const importCommand = (withTransfer: WithTransfer, streams: Streams) =>
  command<{ replace?: boolean; dryRun?: boolean }, [string, string]>({
    brief: "Bring in a host's rosters from Prosody, or from an export",
    fullDescription:
      "SOURCE is Prosody's data folder (such as /var/lib/prosody), its SQLite file, or a file that " +
      "`couplet rosters export` has written (- for stdin). Subscriptions, pending requests and versions stay as they " +
      "are, and nobody is asked. Run again, it goes on where it was interrupted.",
    flags: {
      replace: on("Also users who have a roster here, which are left alone otherwise"),
      dryRun: on("Check everything, and change nothing"),
    },
    positional: args(host, { placeholder: "SOURCE", brief: "a folder, a file, or -" }),
    call: ({ replace = false, dryRun = false, ...flags }, hostName, source) =>
      withTransfer(flags, async ({ rosterTransfer }) => {
        const domain = rosterTransfer.domainOf(hostName);
        const { entries, total } = await openSource(source, domain, streams);
        const progress = createProgress(streams, { unit: "users", things: "contacts", total });
        const listed: LeftOut[] = [];
        let said = 0;
        const count = await rosterTransfer.import(domain, entries, {
          ...{ replace, dryRun },
          onLeftOut(what) {
            if (listed.length < mostListed) listed.push(what);
            if (!flags.json && said++ < mostSaid) progress.say(leftOutLine(what));
          },
          onProgress: ({ users, contacts }) => progress.update(users, contacts),
        }).finally(() => progress.end());
        const more = said > mostSaid ? `and ${said - mostSaid} more that were left out\n` : "";
        return {
          json: { ...count, dry_run: dryRun, problems: listed },
          text: countLines(count, dryRun),
          hint: more + importHint(count, { dryRun, source, domain }),
          failed: count.failed > 0 || count.users === 0,
        };
      }),
  });

/** What a source holds for a host, told apart by what it is. */
async function openSource(
  source: string,
  domain: string,
  { stdin, isWatched }: Streams,
): Promise<{ entries: AsyncIterable<Incoming>; total?: number }> {
  const failed = (error: unknown) =>
    new CommandError(`${source === "-" ? "What came on stdin" : source} cannot be read: ${reasonOf(error)}.`);
  const linesOf = (bytes: AsyncIterable<Uint8Array>) => expecting(failed, requireExport(readExport(bytes)));
  if (source === "-") return { entries: linesOf(stdin()) };
  try {
    const isFolder = (await Deno.stat(source)).isDirectory;
    if (!isFolder && !await isSqlite(source)) {
      return { entries: linesOf((await Deno.open(source)).readable) };
    }
    const total = isWatched ? { total: await countUsers(source, domain, "roster") } : {};
    return { entries: expecting(failed, readRosters(source, domain)), ...total };
  } catch (error) {
    throw failed(error);
  }
}

/** What reading throws is about the source, and no fault of ours. */
async function* expecting<T>(
  failed: (error: unknown) => Error,
  entries: AsyncIterable<T>,
): AsyncGenerator<T> {
  try {
    yield* entries;
  } catch (error) {
    throw failed(error);
  }
}

async function isSqlite(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const head = new Uint8Array(16);
  await file.read(head);
  return new TextDecoder().decode(head) === "SQLite format 3\0";
}

const countLines = ({ imported, kept, failed, contacts, left_out }: ImportCount, dryRun: boolean) =>
  [
    `${dryRun ? "would be imported" : "imported"}: ${imported} users with ${contacts} contacts`,
    `left alone: ${kept} users with a roster here`,
    `left out: ${left_out} contacts`,
    `failed: ${failed} users`,
  ].join("\n");

function importHint(
  { users, kept }: ImportCount,
  { dryRun, source, domain }: { dryRun: boolean; source: string; domain: string },
): string {
  if (users === 0) {
    return `There are no rosters of ${domain} in ${source}. A data folder of Prosody's holds a folder ` +
      `${domain.replaceAll(".", "%2e")}/roster/; an SQLite file is named itself, such as DIR/prosody.sqlite.`;
  }
  if (dryRun) return "Nothing was changed.";
  return kept > 0 ? "Done. With --replace, rosters that are here would be replaced too." : "Done.";
}
