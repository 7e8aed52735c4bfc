import { args, command, type CommonFlags, value } from "../cli/command.ts";
import { createProgress, type Progress } from "../cli/progress.ts";
import { CommandError } from "../cli/run.ts";
import type { Streams } from "../cli/streams.ts";
import { reasonOf } from "../core/reason.ts";
import { type StoredRoster, writeRoster } from "../prosody/stored_rosters.ts";
import { itemJson, type KeptRoster } from "./roster.ts";
import type { RosterTransfer } from "./transfer.ts";
import { exportLine, leftOutLine } from "./transfer_lines.ts";

type WithTransfer = <T>(
  flags: CommonFlags,
  work: (services: { rosterTransfer: RosterTransfer }) => Promise<T>,
) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };

/** `couplet rosters export` */
export const exportCommand = (withTransfer: WithTransfer, streams: Streams) =>
  command<{ to?: string }, [string]>({
    brief: "Write a host's rosters to stdout, a file, or a data folder of Prosody's",
    fullDescription:
      "Writes a line of JSON a user, to stdout or to a file whose name ends with .ndjson. Any other name " +
      "is a folder, for Prosody's `internal` storage: what these users have there is replaced, so stop Prosody first.",
    flags: { to: value("Write there", "FILE.ndjson|DIR", String) },
    positional: args(host),
    call: ({ to, ...flags }, hostName) =>
      withTransfer(flags, async ({ rosterTransfer }) => {
        const domain = rosterTransfer.domainOf(hostName);
        const total = streams.isWatched ? await rosterTransfer.count(domain) : undefined;
        const progress = createProgress(streams, { unit: "users", things: "contacts", total });
        const count = await writeAll(rosterTransfer, { domain, to }, streams, progress)
          .finally(() => progress.end());
        const { users, contacts, failed } = count;
        const words = `Exported ${users} users with ${contacts} contacts` +
          (to === undefined ? "." : ` to ${to}.`);
        const hint = failed > 0 ? `${words} ${failed} could not be written.` : words;
        if (to === undefined) { // the export itself is what stdout is for
          if (!flags.json) streams.say(`${hint}\n`);
          return undefined;
        }
        return {
          json: { ...count, to },
          text: "",
          hint: isFile(to) ? hint : `${hint} Let Prosody's user own what is there, before it starts.`,
          failed: failed > 0,
        };
      }),
  });

const isFile = (to: string) => /\.ndjson$/.test(to);

/** Writes all rosters, one after another. */
async function writeAll(
  transfer: RosterTransfer,
  { domain, to }: { domain: string; to: string | undefined },
  streams: Streams,
  progress: Progress,
): Promise<{ users: number; contacts: number; failed: number }> {
  const count = { users: 0, contacts: 0, failed: 0 };
  await using target = await openTarget(to, domain, streams);
  for await (const { user, roster } of transfer.export(domain)) {
    const fault = await target.put(user, roster);
    if (fault === undefined) {
      count.users++;
      count.contacts += roster.items.size;
    } else {
      count.failed++;
      progress.say(leftOutLine({ user, reason: fault }));
    }
    progress.update(count.users, count.contacts);
  }
  await target.finish();
  return count;
}

interface Target extends AsyncDisposable {
  /** @returns why it could not be written, if that is this roster's own fault */
  put(user: string, roster: KeptRoster): Promise<string | undefined>;
  finish(): Promise<void>;
}

async function openTarget(to: string | undefined, domain: string, { write }: Streams): Promise<Target> {
  if (to === undefined) return linesTo(write, () => Promise.resolve(), () => {});
  const failed = (error: unknown) => new CommandError(`${to} cannot be written: ${reasonOf(error)}.`);
  const tried = async <T>(work: Promise<T>) => {
    try {
      return await work;
    } catch (error) {
      throw failed(error);
    }
  };
  if (!isFile(to)) {
    if (/\.(json|jsonl|txt|gz|csv)$/i.test(to)) {
      throw new CommandError(
        `${to} looks like a file: its name must end with .ndjson. Anything else is a folder.`,
      );
    }
    await tried(Deno.mkdir(to, { recursive: true, mode: 0o750 }));
    return {
      async put(user, roster) {
        try {
          await writeRoster(to, domain, user, storedRoster(roster));
        } catch (error) {
          // A request that is no XML, or something that Lua has no literal for.
          if (["StreamError", "Problem"].includes((error as Error).name)) return (error as Error).message;
          throw failed(error);
        }
      },
      finish: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  // Aside, until it is whole: half an export must not be taken for one. Contacts are nobody else's business.
  const draft = `${to}.${crypto.randomUUID()}.part`; // a name that nobody can have made a link of before
  const file = await tried(Deno.open(draft, { write: true, createNew: true, mode: 0o600 }));
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  return linesTo(
    (text) => tried(writer.write(encoder.encode(text))),
    () => tried(writer.close().then(() => Deno.rename(draft, to))),
    async () => {
      await writer.close().catch(() => {}); // it is closed, or what went wrong first is what counts
      await Deno.remove(draft).catch(() => {}); // likewise, and a whole one has its name by now
    },
  );
}

/** Gathers lines: a system call for each would cost more than the lines. */
function linesTo(
  write: (text: string) => Promise<void>,
  finish: () => Promise<void>,
  dispose: () => Promise<void> | void,
): Target {
  let text = "";
  const flush = async () => {
    const all = text;
    text = "";
    if (all !== "") await write(all);
  };
  return {
    async put(user, roster) {
      text += exportLine(user, roster);
      if (text.length > 65_536) await flush();
      return undefined;
    },
    async finish() {
      await flush();
      await finish();
    },
    [Symbol.asyncDispose]: async () => await dispose(),
  };
}

/** As Prosody has it. */
const storedRoster = ({ version, items, pending }: KeptRoster): StoredRoster => ({
  version,
  items: new Map(
    [...items].map(([jid, item]) => [
      jid,
      { ...itemJson(item), approved: item.approved, groups: [...item.groups] },
    ]),
  ),
  pending: new Map(pending),
});
