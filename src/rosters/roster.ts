import { parseBareJid } from "../core/jid.ts";
import { type Fault, Problem } from "../core/problem.ts";
import { createPace } from "../core/turn.ts";

/** RFC 6121, 2.1.2.5: who gets whose presence, seen from the roster's owner. */
export const subscriptions = ["none", "to", "from", "both"] as const;
export type Subscription = typeof subscriptions[number];

/** One contact (RFC 6121, 2.1.2). */
export interface RosterItem {
  readonly name?: string | undefined;
  /** In order, each once. */
  readonly groups: readonly string[];
  readonly subscription: Subscription;
  /** A subscription has been asked for and not answered. */
  readonly ask: boolean;
  /** A subscription is granted before it is asked for (3.4). */
  readonly approved: boolean;
}

/** Contacts by bare JID. */
export type Roster = ReadonlyMap<string, RosterItem>;

/** A roster as it is kept. */
export interface KeptRoster {
  readonly id: number;
  /** Grows with every change: equal versions mean equal rosters. */
  readonly version: number;
  readonly items: Roster;
  /** Who asks to be a subscriber: `true`, or the request as XML (3.1.3). */
  readonly pending: ReadonlyMap<string, true | string>;
  /** Of the web app's last answer, where that decides. */
  readonly etag?: string | undefined;
  readonly fetchedAt?: number | undefined;
}

const mostVersion = 2 ** 40;
/**
 * Nobody gets there by changing things, and there must be room to count on. A version is only compared with what
 * clients have read: those of such a roster read all of it once more when it counts anew.
 */
export const isBeyond = (version: number): boolean => version > mostVersion;

/** What there is of a user who has no roster yet. */
export const noRoster: KeptRoster = { id: 0, version: 0, items: new Map(), pending: new Map() };

/** The contact gets the owner's presence. */
export const hasFrom = (item: RosterItem | undefined) =>
  item?.subscription === "from" || item?.subscription === "both";
/** The owner gets the contact's presence. */
export const hasTo = (item: RosterItem | undefined) =>
  item?.subscription === "to" || item?.subscription === "both";

export const subscriptionOf = (to: boolean, from: boolean): Subscription =>
  to ? (from ? "both" : "to") : from ? "from" : "none";

/** A contact as HTTP, files and the command line show it. */
export interface ItemJson {
  readonly name?: string;
  readonly groups: readonly string[];
  readonly subscription: Subscription;
  readonly ask?: "subscribe";
  readonly approved?: true;
}

export const itemJson = ({ name, groups, subscription, ask, approved }: RosterItem): ItemJson => ({
  ...(name !== undefined && { name }),
  groups,
  subscription,
  ...(ask && { ask: "subscribe" }),
  ...(approved && { approved }),
});

export const rosterJson = (roster: Roster): Record<string, ItemJson> =>
  Object.fromEntries([...roster].map(([jid, item]) => [jid, itemJson(item)]));

const longest = 1023; // bytes of a name, a group, or a part of a JID (RFC 7622, 3.1)
/** Characters of a JID that is looked at: Unicode's normal forms cost n² of what is too long anyway. */
export const longestJid = 3071;
/** Groups of one contact. */
export const mostGroups = 100;
const encoder = new TextEncoder();
const control = /[\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** Why a text cannot stand in a roster; nothing, if it can. Whatever passes can be written to any client. */
export function textFault(text: unknown, what: string): string | undefined {
  if (typeof text !== "string") return `${what} must be text.`;
  // No character takes more than three bytes for each of its UTF-16 units.
  if (text.length > longest || (text.length * 3 > longest && encoder.encode(text).length > longest)) {
    return `${what} may have ${longest} bytes at most.`;
  }
  if (control.test(text) || !text.isWellFormed()) return `${what} must not hold control characters.`;
  return undefined;
}

/** Groups as a list, or as an object whose members are the names. */
function readGroups(value: unknown, fault: (reason: string) => void): readonly string[] {
  if (value === undefined) return [];
  const isObject = typeof value === "object" && value !== null;
  const list: unknown[] = Array.isArray(value) ? value : isObject ? Object.keys(value) : [undefined];
  if (list.length > mostGroups) {
    fault(`A contact may be in ${mostGroups} groups at most.`);
    return [];
  }
  const wrong = list.map((group) => group === "" ? "A group needs a name." : textFault(group, "A group"))
    .find((reason) => reason !== undefined);
  if (wrong !== undefined) fault(isObject ? wrong : "Groups are a list of names.");
  if (isObject && !Array.isArray(value) && Object.values(value).some((member) => member !== true)) {
    fault("Groups as an object are names whose value is true.");
  }
  return wrong === undefined ? [...new Set(list as string[])].sort() : [];
}

const mostFaults = 20;
const members = new Set(["name", "groups", "subscription", "ask", "approved"]);

/**
 * One contact as JSON has it; `subscription` is both if it is not given. Every reason against it goes to `fault`,
 * with the member that it is about.
 */
export function readItem(value: unknown, fault: (member: string, reason: string) => void): RosterItem {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fault("", 'A contact is an object, such as {"name": "Marie"}.');
    return { groups: [], subscription: "both", ask: false, approved: false };
  }
  const { name, groups, subscription = "both", ask, approved = false } = value as Record<string, unknown>;
  const unknown = Object.keys(value).filter((member) => !members.has(member)).slice(0, mostFaults);
  for (const member of unknown) fault(member, "This member is not known here.");
  const wrongName = name === undefined || name === null ? undefined : textFault(name, "A name");
  if (wrongName !== undefined) fault("name", wrongName);
  if (!subscriptions.includes(subscription as Subscription)) {
    fault("subscription", `Use one of ${subscriptions.join(", ")}.`);
  }
  if (ask !== undefined && ask !== "subscribe") fault("ask", 'This can be "subscribe" or absent.');
  else if (ask !== undefined && (subscription === "to" || subscription === "both")) {
    fault("ask", `A subscription that there is (${subscription}) is not asked for.`);
  }
  if (typeof approved !== "boolean") fault("approved", "This is true or false.");
  else if (approved && (subscription === "from" || subscription === "both")) {
    fault("approved", `A subscription that there is (${subscription}) is not approved in advance.`);
  }
  return {
    ...(typeof name === "string" && name !== "" && { name }),
    groups: readGroups(groups, (reason) => fault("groups", reason)),
    subscription: subscription as Subscription,
    ask: ask === "subscribe",
    approved: approved === true,
  };
}

/**
 * The bare JID of a contact of this owner, in the form that is kept; a string that says why not, otherwise.
 * @param kept what is there already stays as it is spelt: Prosody and its clients name some that are no JIDs to us
 */
export function readContact(
  text: string,
  owner: string,
  kept?: KeptRoster["items"],
): { jid: string } | string {
  if (kept?.has(text)) return { jid: text };
  if (text.length > longestJid) return `A JID may have ${longestJid} characters at most.`;
  if (text.includes("/")) return "A contact is a bare JID, without a resource.";
  const jid = parseBareJid(text);
  if (jid === undefined) return "This is not a JID.";
  if (jid.local === undefined && !jid.domain.includes(".")) {
    return "This names no account: a contact is a JID, such as marie@example.com.";
  }
  const bare = jid.local === undefined ? jid.domain : `${jid.local}@${jid.domain}`;
  return bare === owner ? "Nobody is a contact of themselves." : { jid: bare };
}

/**
 * A whole roster as JSON has it, for its owner (a bare JID). What is kept can be given back, whatever it is.
 * @throws Problem `invalid`, naming contacts and reasons
 */
export async function readRoster(
  value: unknown,
  owner: string,
  most: number,
  kept: Roster = noRoster.items,
): Promise<Roster> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Problem("invalid", 'A roster is an object: {"marie@example.com": {"name": "Marie"}}.');
  }
  const entries = Object.entries(value);
  const mostItems = Math.max(most, kept.size);
  if (entries.length > mostItems) {
    throw new Problem(
      "invalid",
      `A roster may have ${mostItems} contacts at most; this one has ${entries.length}.`,
    );
  }
  const faults: Fault[] = [];
  const roster = new Map<string, RosterItem>();
  const pace = createPace();
  for (const [index, [text, member]] of entries.entries()) {
    if (index % 100 === 99) await pace();
    const contact = readContact(text, owner, kept);
    const at = (name = "") => pointer(text.slice(0, 200)) + (name && pointer(name.slice(0, 200)));
    if (typeof contact === "string") faults.push({ at: at(), reason: contact });
    else if (roster.has(contact.jid)) faults.push({ at: at(), reason: `${contact.jid} stands there twice.` });
    else roster.set(contact.jid, readItem(member, (name, reason) => faults.push({ at: at(name), reason })));
    if (faults.length >= mostFaults) break;
  }
  requireNoFaults(faults);
  return roster;
}

/** @throws Problem `invalid` if there is any, with the first of them */
export function requireNoFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first) {
    throw new Problem(
      "invalid",
      `Nothing was changed. ${first.at}: ${first.reason}`,
      faults.slice(0, mostFaults),
    );
  }
}

/** A step of a JSON pointer (RFC 6901). */
export const pointer = (name: string) => "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");
