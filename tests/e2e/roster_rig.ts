import assert from "node:assert/strict";
import type { ProsodyInstall } from "../setup/prosody.ts";
import { type Pair, startPair } from "./pair.ts";
import { conditionOf, type Contact, contactOf, type Element, xml, type XmppClient } from "./xmpp_client.ts";

export const host = "example.org";
export const rosterNs = "jabber:iq:roster";

/** A pair, and somebody who can tell when Prosody has dealt with what was changed over HTTP. */
export interface Stage extends AsyncDisposable {
  readonly pair: Pair;
  /** Makes accounts, in-band with one invite: quicker than prosodyctl. */
  accounts(...usernames: string[]): Promise<void>;
  /** Somebody's client, available, that has asked for the roster and hears of changes; nothing is left to take. */
  online(username: string, resource?: string, at?: string): Promise<XmppClient>;
  /** One change over HTTP that must be taken: its answer. */
  change(method: string, path: string, body?: unknown, at?: string): Promise<ChangeSeen>;
  /** A roster as HTTP has it. */
  kept(username: string, at?: string): Promise<KeptSeen>;
  /** Waits until Prosody has dealt with all that was changed over HTTP before: it is told in order. */
  dealtWith(): Promise<void>;
  /** What these have heard since they were last asked, once all is dealt with: pushes and presence, sorted. */
  heard(...clients: XmppClient[]): Promise<string[][]>;
}

export interface ChangeSeen {
  readonly version: number;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export interface KeptSeen {
  readonly version: string;
  readonly contacts: Record<string, Contact>;
}

/** Starts a pair and the witness, `witness@` the first host. */
export async function startStage(
  install: ProsodyInstall,
  options: Parameters<typeof startPair>[1] = {},
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const pair = stack.use(await startPair(install, options));
  const first = options.hosts?.[0] ?? host;
  let marks = 0;
  let witness: XmppClient | undefined;
  const clients = stack.use(new AsyncDisposableStack());
  const started = stack.move();

  const stage: Stage = {
    pair,
    async accounts(...usernames) {
      const { token } = await pair.invite({ max_uses: usernames.length }, first);
      for (const username of usernames) {
        await using guest = await pair.guest(token, first);
        assert.equal(conditionOf(await guest.register(username, "a secret")), undefined, username);
      }
    },
    async online(username, resource, at) {
      const client = clients.use(await pair.user(username, undefined, at, resource));
      await client.roster();
      await client.sendPresence();
      await client.rest();
      return client;
    },
    async change(method, path, body, at) {
      const response = await pair.rosterApi(method, path, body, at);
      const text = await response.text();
      assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
      return text === "" ? {} : JSON.parse(text);
    },
    async kept(username, at) {
      const response = await pair.rosterApi("GET", `/rosters/${username}`, undefined, at);
      assert.equal(response.status, 200, await response.clone().text());
      const version = /\d+/.exec(response.headers.get("etag") ?? "")?.[0] ?? "";
      return { version, contacts: await response.json() };
    },
    async dealtWith() {
      if (!witness) {
        await stage.accounts("witness");
        witness = await stage.online("witness", undefined, first);
      }
      const name = `Mark ${++marks}`;
      await stage.change("PUT", `/rosters/witness/mark@${first}`, { name, subscription: "none" }, first);
      await witness.next((stanza) => pushOf(stanza)?.contact.name === name);
    },
    async heard(...clients) {
      await stage.dealtWith();
      return await Promise.all(clients.map(async (client) => (await client.rest()).map(described).sort()));
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
  return stage;
}

/** A roster push (RFC 6121, 2.1.6). */
export interface Push {
  readonly ver: string;
  readonly jid: string;
  readonly contact: Contact;
}

export function pushOf(stanza: Element): Push | undefined {
  const query = stanza.is("iq") && stanza.attrs.type === "set"
    ? stanza.getChild("query", rosterNs)
    : undefined;
  const item = query?.getChild("item");
  if (!query || !item) return undefined;
  return { ver: query.attrs.ver, jid: item.attrs.jid, contact: contactOf(item) };
}

/** A push or a presence in one line, such as `push 3: marie@example.org both "Marie" Friends`. */
export function described(stanza: Element): string {
  const push = pushOf(stanza);
  if (push) {
    const { subscription, ask, name, groups } = push.contact;
    const words = [push.jid, subscription, ask, name && JSON.stringify(name), [...groups].sort().join(",")];
    return `push ${push.ver}: ${words.filter((word) => word).join(" ")}`;
  }
  if (!stanza.is("presence")) return String(stanza);
  const condition = conditionOf(stanza);
  return `${stanza.attrs.type ?? "available"} ${stanza.attrs.from}${condition ? ` ${condition}` : ""}`;
}

/** What a client changes in its own roster: `undefined` removes. */
export function setItem(
  client: XmppClient,
  jid: string,
  item: { name?: string; groups?: readonly string[] } | undefined,
): Promise<Element> {
  const attrs = item === undefined
    ? { jid, subscription: "remove" }
    : { jid, ...(item.name !== undefined && { name: item.name }) };
  const groups = (item?.groups ?? []).map((group) => xml("group", {}, group));
  return client.iq("set", undefined, xml("query", { xmlns: rosterNs }, xml("item", attrs, ...groups)));
}

/** Clients and HTTP name the same things, in whatever order groups come. */
export const sorted = (contacts: Record<string, Contact>): Record<string, Contact> =>
  Object.fromEntries(
    Object.entries(contacts).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([jid, contact]) => [jid, { ...contact, groups: [...contact.groups].sort() }]),
  );

/** A client's own copy, once all pushes that there are have been applied to it. */
export async function ownCopy(
  client: XmppClient,
  copy: Record<string, Contact>,
): Promise<Record<string, Contact>> {
  for (const push of (await client.rest()).flatMap((stanza) => pushOf(stanza) ?? [])) {
    if (push.contact.subscription === "remove") delete copy[push.jid];
    else copy[push.jid] = push.contact;
  }
  return visible(copy);
}

/** What RFC 6121 lets clients see of it in Prosody: not that a subscription is granted in advance. */
export const visible = (contacts: Record<string, Contact>) =>
  Object.fromEntries(
    Object.entries(sorted(contacts)).map(([jid, { approved: _, ...contact }]) => [jid, contact]),
  );

/** A contact over HTTP, in short, such as `both "Marie" Friends`; nothing if it is not there. */
export async function keptItem(stage: Stage, username: string, jid: string): Promise<string | undefined> {
  const item = (await stage.kept(username)).contacts[jid];
  if (!item) return undefined;
  const { subscription, ask, approved, name, groups } = item;
  const words = [subscription, ask, approved && "approved", name && JSON.stringify(name), groups.join(",")];
  return words.filter((word) => word).join(" ");
}

/** The roster in a client and the one over HTTP are the same, and hold all these. */
export async function agree(
  stage: Stage,
  username: string,
  client: XmppClient,
  jids: readonly string[],
): Promise<void> {
  const { contacts, version } = await stage.kept(username);
  assert.deepEqual(jids.filter((jid) => !(jid in contacts)), [], "acknowledged, and lost");
  const seen = await client.rosterSince();
  assert.deepEqual([sorted(seen!.contacts), seen!.ver], [sorted(contacts), version]);
}
