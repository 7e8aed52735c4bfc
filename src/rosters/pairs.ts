import { parseBareJid } from "../core/jid.ts";
import { type Fault, Problem } from "../core/problem.ts";
import type { ItemChange } from "./change.ts";
import { type KeptRoster, longestJid, mostGroups, requireNoFaults, textFault } from "./roster.ts";

/** Two users of one host, by username or bare JID. */
export interface PairRequest {
  readonly users: readonly [string, string];
  /** How each is called in the other's roster, in the order of `users`. */
  readonly names?: readonly [string, string] | undefined;
  /** Groups that each is put into in the other's roster, beside those that there are. */
  readonly groups?: readonly string[] | undefined;
}

/** Who shall know each other, and who no longer. */
export interface PairsRequest {
  readonly add?: readonly PairRequest[] | undefined;
  readonly remove?: readonly PairRequest[] | undefined;
}

/** A pair that has been checked. */
export interface Pair extends PairRequest {
  readonly together: boolean;
}

/** @throws Problem `invalid`, naming pairs and reasons */
export function readPairs({ add = [], remove = [] }: PairsRequest, host: string): Pair[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const read = (list: readonly PairRequest[], name: string, together: boolean) =>
    list.map((pair, index): Pair => {
      const fault = (reason: string) => faults.push({ at: `/${name}/${index}`, reason });
      const users = pair.users.map((text) => localOf(text, host));
      users.forEach((user, i) => {
        if (user === undefined) {
          fault(`${JSON.stringify(pair.users[i]?.slice(0, 200))} is not a user of ${host}.`);
        }
      });
      const both = [...users].sort().join("@");
      if (users[0] !== undefined && users[0] === users[1]) fault("Nobody is a contact of themselves.");
      else if (users.every((user) => user !== undefined) && seen.has(both)) {
        fault("This pair stands there twice.");
      }
      seen.add(both);
      for (const text of [...pair.names ?? [], ...pair.groups ?? []]) {
        const wrong = textFault(text, "A name");
        if (wrong !== undefined || text === "") fault(wrong ?? "A name must not be empty.");
      }
      return { ...pair, users: [users[0] ?? "", users[1] ?? ""], together };
    });
  const pairs = [...read(add, "add", true), ...read(remove, "remove", false)];
  requireNoFaults(faults);
  if (pairs.length === 0) {
    throw new Problem("invalid", `Name pairs: {"add": [{"users": ["john", "marie"]}]}.`);
  }
  return pairs;
}

function localOf(text: string, host: string): string | undefined {
  if (text.length > longestJid) return undefined;
  const jid = parseBareJid(text.includes("@") ? text : `${text}@${host}`);
  return jid?.domain === host ? jid.local : undefined;
}

/** The changes of each of the users' rosters, in their order. */
export function planPairs(
  pairs: readonly Pair[],
  users: readonly string[],
  kept: readonly KeptRoster[],
  host: string,
): ItemChange[][] {
  const places = new Map(users.map((user, i) => [user, i]));
  const changes: ItemChange[][] = users.map(() => []);
  for (const { users: [one, other], names, groups = [], together } of pairs) {
    for (const [owner, contact, name] of [[one, other, names?.[1]], [other, one, names?.[0]]] as const) {
      const place = places.get(owner)!;
      const jid = `${contact}@${host}`;
      const before = kept[place]!.items.get(jid);
      const after = together
        ? {
          ...((name ?? before?.name) !== undefined && { name: name ?? before?.name }),
          groups: [...new Set([...before?.groups ?? [], ...groups])].sort(),
          subscription: "both" as const,
          ...{ ask: false, approved: false },
        }
        : undefined;
      if (after && after.groups.length > mostGroups) {
        throw new Problem(
          "invalid",
          `${jid} would be in more than ${mostGroups} groups of ${owner}'s, the most there can be.`,
        );
      }
      if (before || after) changes[place]!.push({ jid, before, after, notices: [], mutual: true });
    }
  }
  return changes;
}
