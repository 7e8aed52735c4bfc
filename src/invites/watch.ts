import type { Limits } from "../core/actor.ts";
import { createPace } from "../core/turn.ts";
import type { Db } from "../store/database.ts";
import type { InviteType } from "./invite.ts";

/** Who makes an invite. */
export interface Maker {
  readonly host: string;
  /** `api/token/ID`, `cli`, or a bare JID. */
  readonly source: string;
  readonly limits?: Limits;
}

/** What of an invite says whose it is. */
export interface Origin {
  readonly id: number;
  readonly host: string;
  readonly token_key: string;
  readonly type: InviteType;
  readonly username: string | null;
  readonly source: string;
  readonly max_uses: number | null;
}

/** One counted use. */
export interface Use {
  /** Bare JID of who has used it. */
  readonly jid: string;
  /** Whether that made the account. */
  readonly registers: boolean;
}

/** What an inviter is told. */
export interface Telling {
  /** Bare JID. */
  readonly to: string;
  readonly text: string;
}

/** What others want to know of invites, and have a say in. What takes a `db` runs inside the write that it is about. */
export interface InviteWatch {
  /**
   * Before `count` invites are kept.
   * @throws Problem `too-many-requests`, `not-allowed`
   */
  making(db: Db, maker: Maker, count?: number): Promise<void>;
  /** Whether an invite cannot be used just now because of who made it; for showing it. */
  isPaused(invite: Origin): Promise<boolean>;
  /** Before a use is held. @throws Problem `invite-paused` */
  using(db: Db, invite: Origin): Promise<void>;
  /** A use is being counted. `pause`: nobody else is to use this invite. */
  used(db: Db, invite: Origin, use: Use): Promise<{ pause: boolean }>;
  /** What the inviter is told of a counted use: the same each time. */
  telling(invite: Origin, use: Use): Telling | undefined;
}

/** Paused too if who made it is. */
export async function asItStands<Row extends Origin & { state: string; paused: number }>(
  watch: InviteWatch,
  row: Row,
): Promise<Row> {
  return row.state === "pending" && await watch.isPaused(row) ? { ...row, paused: 1 } : row;
}

/** The same of many: who has made several is asked for once. */
export async function asTheyStand<Row extends Origin & { state: string; paused: number }>(
  watch: InviteWatch,
  rows: readonly Row[],
): Promise<Row[]> {
  const [pace, known, stand] = [createPace(), new Map<string, boolean>(), [] as Row[]];
  for (const row of rows) {
    const inviter = row.state === "pending" ? inviterOf(row) : undefined;
    if (inviter !== undefined && !known.has(inviter)) {
      known.set(inviter, await watch.isPaused(row));
      await pace();
    }
    stand.push(inviter !== undefined && known.get(inviter) ? { ...row, paused: 1 } : row);
  }
  return stand;
}

/** The username of who invites, if that is an account of the host: a contact invite's contact, else who made it. */
export function inviterOf(
  { host, type, username, source }: Pick<Origin, "host" | "type" | "username" | "source">,
): string | undefined {
  if (type === "contact") return username || undefined;
  return localOf(source, host);
}

/** The username of a bare JID of this host. */
export const localOf = (jid: string, host: string): string | undefined =>
  jid.endsWith(`@${host}`) ? jid.slice(0, -host.length - 1) || undefined : undefined;
