import type { PushedItem, SubscriptionNotice } from "../prosody/prosody.ts";
import {
  hasFrom,
  hasTo,
  type ItemJson,
  itemJson,
  type KeptRoster,
  type Roster,
  type RosterItem,
  subscriptionOf,
} from "./roster.ts";
import { createPace } from "../core/turn.ts";

/** What becomes of one contact. */
export interface ItemChange {
  readonly jid: string;
  readonly before: RosterItem | undefined;
  readonly after: RosterItem | undefined;
  /** What the contact's own server must be told (RFC 6121, 3). */
  readonly notices: readonly SubscriptionNotice[];
  /** The contact's own roster changes with this one. */
  readonly mutual?: boolean;
}

/** Whether the contact's own roster is kept here, so that a subscription needs no asking. */
export type IsLocal = (jid: string) => boolean;

/**
 * What it takes to get from one item to another. A local contact's is set as it is wanted; elsewhere a
 * subscription must be asked for (RFC 6121, 3.1) and is granted in advance (3.4), and asking twice is no change.
 */
export function settle(
  kept: KeptRoster,
  jid: string,
  wanted: RosterItem | undefined,
  isLocal: IsLocal,
): ItemChange {
  const before = kept.items.get(jid);
  if (isLocal(jid)) return { jid, before, after: wanted, notices: [] };
  const [wantsTo, wantsFrom] = [hasTo(wanted) || wanted?.ask === true, hasFrom(wanted)];
  const to = hasTo(before) && wantsTo;
  const ask = wantsTo && !to;
  const isAsked = kept.pending.has(jid);
  const from = wantsFrom && (hasFrom(before) || isAsked);
  const notices: SubscriptionNotice[] = [];
  if (ask && !before?.ask) notices.push("subscribe");
  if (!wantsTo && (hasTo(before) || before?.ask)) notices.push("unsubscribe");
  if (from && !hasFrom(before)) notices.push("subscribed");
  if (!wantsFrom && (hasFrom(before) || (isAsked && wanted === undefined))) notices.push("unsubscribed");
  const approved = (wantsFrom && !from) || wanted?.approved === true;
  const after = wanted && { ...wanted, subscription: subscriptionOf(to, from), ask, approved };
  return { jid, before, after, notices };
}

/** Whether anything comes of it. */
export const isChange = ({ before, after, notices }: ItemChange): boolean =>
  notices.length > 0 || !isSame(before, after);

function isSame(one: RosterItem | undefined, other: RosterItem | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.name === other.name && one.subscription === other.subscription && one.ask === other.ask &&
    one.approved === other.approved && one.groups.length === other.groups.length &&
    one.groups.every((group, i) => group === other.groups[i]);
}

/** Everything that it takes to get from the kept roster to the wanted one, contact by contact. */
export async function difference(kept: KeptRoster, wanted: Roster, isLocal: IsLocal): Promise<ItemChange[]> {
  const changes: ItemChange[] = [];
  const pace = createPace();
  let seen = 0;
  const look = async (jid: string, item: RosterItem | undefined) => {
    const change = settle(kept, jid, item, isLocal);
    if (isChange(change)) changes.push(change);
    if (++seen % 100 === 0) await pace();
  };
  for (const jid of kept.items.keys()) if (!wanted.has(jid)) await look(jid, undefined);
  for (const [jid, item] of wanted) await look(jid, item);
  return changes;
}

/** What was changed, or would be, for people and programs. */
export interface ChangeReport {
  readonly user: string;
  /** The roster's version afterwards. */
  readonly version: number;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export function reportOf(user: string, version: number, changes: readonly ItemChange[]): ChangeReport {
  const jids = (fits: (change: ItemChange) => boolean) => changes.filter(fits).map(({ jid }) => jid);
  return {
    user,
    version,
    added: jids(({ before, after }) => !before && after !== undefined),
    changed: jids(({ before, after }) => before !== undefined && after !== undefined),
    removed: jids(({ before, after }) => before !== undefined && !after),
  };
}

export const pushedItem = ({ jid, after, notices, mutual }: ItemChange): PushedItem => ({
  jid,
  ...(after && { item: storedItem(after) }),
  ...(notices.length > 0 && { notices }),
  ...(mutual && { mutual }),
});

/** An item as Prosody's rostermanager keeps it in memory. */
export function storedItem(item: RosterItem): Record<string, unknown> {
  const { groups, approved, ...rest }: ItemJson = itemJson(item);
  return {
    ...rest,
    ...(approved && { approved: "true" }),
    groups: Object.fromEntries(groups.map((group) => [group, true])),
  };
}
