import type { Clock } from "../core/clock.ts";
import { makeToken, type Random, sha256 } from "../core/token.ts";
import type { Database, Db } from "../store/database.ts";
import { insertEvents, listWanted } from "./event_store.ts";

/** An invite as events tell of it: no token, no link, no note. Times are RFC 3339. */
export interface InviteFacts {
  readonly id: string;
  readonly type: "account" | "contact" | "reset";
  /** The host, or the account that this is for (account, reset) or from (contact). */
  readonly jid: string;
  readonly state: string;
  readonly uses: number;
  readonly max_uses: number | null;
  /** Who made it: `api/token/KEY_ID`, `cli`, or a bare JID. */
  readonly made_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

/** What each type of event says beside its host. */
export interface EventData {
  "invite.created": { readonly invite: InviteFacts };
  "invite.redeemed": { readonly invite: InviteFacts; readonly redeemed_by: string };
  "invite.revoked": { readonly invite: InviteFacts; readonly revoked_by: string };
  "invite.expired": { readonly invite: InviteFacts };
  "account.registered": { readonly jid: string; readonly invite?: InviteFacts };
  "roster.changed": { readonly jid: string };
  "join_request.created": { readonly join_request: { readonly id: string } };
  /** `within`: seconds; `inviter` or `invite`: whose invites, or which one. */
  "invites.velocity": {
    readonly inviter?: string;
    readonly invite?: string;
    readonly redemptions: number;
    readonly within: number;
    readonly action: "report" | "pause";
  };
}
export type EventType = keyof EventData;

/** What a webhook may ask for. */
export const eventTypes = [
  "invite.created",
  "invite.redeemed",
  "invite.revoked",
  "invite.expired",
  "account.registered",
  "roster.changed",
  "join_request.created",
  "invites.velocity",
] as const satisfies readonly EventType[];

/** Something that has happened on a host. */
export type WebhookEvent = {
  [T in EventType]: {
    readonly type: T;
    readonly host: string;
    readonly data: EventData[T];
    /** Whom it is about: of several events about the same that wait to be told, one is told, with what came last. */
    readonly subject?: string;
    /** A name for what happened: told again under it, it is the same event. */
    readonly once?: string;
  };
}[EventType];

/**
 * Tells of what is being changed. To be called inside the change's own transaction, with its `db`: then a change
 * that was acknowledged has its event, and one that was rolled back has none. Writes nothing where no webhook of
 * the host wants the type. Many events are one statement.
 */
export type Emit = (db: Db, events: WebhookEvent | readonly WebhookEvent[]) => Promise<void>;

export interface Events {
  readonly emit: Emit;
  /** Since when (ms since 1970) some webhook of any host wants this type; `undefined` if none does. */
  wantedSince(type: EventType): Promise<number | undefined>;
  /** A webhook was made or changed by this process. */
  forget(): void;
}

type Wanted = { readonly host: string; readonly events: readonly string[]; readonly since: number };

export function createEvents(
  { database, clock, random }: { database: Database; clock: Clock; random: Random },
): Events {
  // What webhooks wanted when the database was last written to: most hosts have none, and most writes ask.
  let known: readonly Wanted[] = [];
  let knownAt = -1;

  async function read(version: number): Promise<readonly Wanted[]> {
    known = await listWanted(database.db);
    knownAt = version;
    return known;
  }
  const wanted = () => {
    const version = database.version();
    return version === knownAt ? known : read(version);
  };

  const wants = (type: EventType) => ({ events }: Wanted) => events.includes(type) || events[0] === "*";

  return {
    async emit(db, told) {
      const all = Array.isArray(told) ? told as readonly WebhookEvent[] : [told as WebhookEvent];
      if (all.length === 0) return;
      const hooks = await wanted();
      if (hooks.length === 0) return;
      const now = clock();
      const rows = all.filter(({ host, type }) =>
        hooks.some((hook) => hook.host === host && wants(type)(hook))
      ).map(({ type, host, data, subject, once }) => ({
        uid: `evt_${once === undefined ? makeToken(now, random) : sha256(`${host}/${type}/${once}`)}`,
        ...{ host, type, subject: subject ?? null, data: JSON.stringify({ host, ...data }), created_at: now },
      }));
      await insertEvents(db, rows);
    },

    async wantedSince(type) {
      const since = (await wanted()).filter(wants(type)).map((hook) => hook.since);
      return since.length === 0 ? undefined : Math.min(...since);
    },

    forget: () => void (knownAt = -1),
  };
}
