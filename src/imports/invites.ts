import type { Clock } from "../core/clock.ts";
import type { LuaKey, LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import { tokenKey } from "../core/token.ts";
import { createPace } from "../core/turn.ts";
import type { Joining } from "../groups/joining.ts";
import type { InviteAdoption, OlderInvite } from "../invites/adoption.ts";
import { inviteId } from "../invites/invite.ts";
import { expired, readContactInvite, readInvite, tableOf } from "./records.ts";
import type { ImportKind, Source, Tally } from "./tally.ts";

const batchSize = 300; // to a transaction: a few ms of writing
const veryMany = 10_000;

/** Pending invites of mod_invites: those of the host's own store, which may register, and users' contact invites. */
export function createInviteImport(
  adoption: InviteAdoption,
  { clock, joining }: { clock: Clock; joining: Pick<Joining, "missing"> },
): ImportKind {
  return async (host, source, tally) => {
    const { registering, contacts } = await readAll(host, source, clock(), tally);
    const adopt = adoption.begin(host, { dryRun: tally.dryRun });
    const all = inOrder([...registering, ...contacts]);
    for (let at = 0; at < all.length; at += batchSize) {
      const batch = all.slice(at, at + batchSize);
      const adopted = await adopt(batch);
      adopted.forEach((one, i) => {
        if (one === "imported") tally.count.imported++;
        else if (one === "there") tally.count.there_already++;
        else tally.fail(nameOf(batch[i]!.token), one.reason);
      });
      tally.progress();
    }
    const groups = new Set(all.flatMap(({ wanted }) => wanted.details.groups ?? []));
    if (tally.dryRun && groups.size > 0) { // those that would have been brought in before
      for await (const { username } of source.read(host, "group_info", () => {})) groups.delete(username);
    }
    for (const group of await joining.missing(host, [...groups])) {
      tally.tell(
        undefined,
        `Some are for the group ${JSON.stringify(group)}, which is not here: they lead into none.`,
      );
    }
  };
}

/**
 * As they were made: the first keeps a username, and lists have the newest first. Of very many only those with
 * usernames, and the rest by token: each batch would touch pages everywhere in the index of tokens otherwise, and
 * eight times as much be written.
 */
function inOrder(invites: OlderInvite[]): OlderInvite[] {
  invites.sort((a, b) => a.created_at - b.created_at);
  if (invites.length < veryMany) return invites;
  const isNamed = ({ wanted }: OlderInvite) => wanted.type === "account" && wanted.username !== undefined;
  const others = invites.filter((invite) => !isNamed(invite));
  return [...invites.filter(isNamed), ...others.sort((a, b) => a.token < b.token ? -1 : 1)];
}

type Read = () => OlderInvite | typeof expired;

async function readAll(host: string, source: Source, now: number, tally: Tally) {
  const { count } = tally;
  const registering: OlderInvite[] = [];
  const contacts: { token: LuaKey; read: Read }[] = [];
  const seen = new Set<LuaKey>(); // whatever became of them: as contact invites they are no others
  const pace = createPace();
  const take = (token: LuaKey, read: Read, into: OlderInvite[]) => {
    count.found++;
    try {
      const invite = read();
      if (invite === expired) count.expired++;
      else into.push(invite);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      tally.fail(nameOf(token), error.message);
    }
  };
  const onDamaged = (_: string, key: string, error: Error) => {
    count.found++;
    seen.add(key);
    tally.fail(nameOf(key), error.message);
  };
  for await (const stored of source.read(host, "invite_token", onDamaged)) {
    const { username } = stored;
    const entries = entriesOf(stored, tally);
    for (const [token, value] of entries) {
      if (username === "") {
        seen.add(token);
        take(token, () => readInvite(host, token, value, now), registering);
      } else contacts.push({ token, read: () => readContactInvite(host, username, token, value, now) });
      await pace();
    }
  }
  const plain: OlderInvite[] = [];
  for (const { token, read } of contacts) if (!seen.has(token)) take(token, read, plain);
  return { registering, contacts: plain };
}

/** What a store holds under its keys. */
export function entriesOf(
  stored: { username: string; value: LuaValue } | { username: string; error: Error },
  tally: Tally,
): Iterable<[LuaKey, LuaValue]> {
  try {
    if ("error" in stored) throw stored.error;
    return tableOf(stored.value);
  } catch (error) {
    tally.count.found++;
    tally.fail(stored.username === "" ? undefined : stored.username, (error as Error).message);
    return [];
  }
}

/** The invite's ID, which is no help in guessing the token. */
const nameOf = (token: LuaKey): string =>
  typeof token === "string" ? inviteId(tokenKey(token)) : "a token that is no text";
