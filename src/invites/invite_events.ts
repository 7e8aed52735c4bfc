import type { EventData, EventType, InviteFacts, WebhookEvent } from "../webhooks/events.ts";
import { bareJid, inviteId, never, stateOf } from "./invite.ts";
import type { NewInviteRow } from "./store.ts";

/** What webhooks are told of an invite. */
export function factsOf(row: NewInviteRow, now: number): InviteFacts {
  return {
    id: inviteId(row.token_key),
    type: row.type,
    jid: bareJid(row.username, row.host),
    state: stateOf(row, now),
    uses: row.uses,
    max_uses: row.max_uses,
    made_by: row.source,
    created_at: new Date(row.created_at).toISOString(),
    expires_at: row.expires_at >= never ? null : new Date(row.expires_at).toISOString(),
  };
}

type InviteEvent = Extract<EventType, `invite.${string}`>;

/**
 * Works out what it says when somebody wants to hear it: most of the time nobody does.
 * @param row as it is after what happened
 */
export const inviteEvent = <T extends InviteEvent>(
  type: T,
  row: NewInviteRow,
  now: number,
  more: Omit<EventData[T], "invite">,
): WebhookEvent =>
  ({
    ...{ type, host: row.host },
    get data() {
      return { invite: factsOf(row, now), ...more };
    },
  }) as unknown as WebhookEvent;

export const revokedEvent = (row: NewInviteRow, now: number, revoked_by: string): WebhookEvent =>
  inviteEvent("invite.revoked", { ...row, state: "revoked" }, now, { revoked_by });
