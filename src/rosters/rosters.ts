import { type Actor, requireScope, type Scope } from "../core/actor.ts";
import { normaliseLocal } from "../core/jid.ts";
import { type Fault, Problem } from "../core/problem.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Prosody } from "../prosody/prosody.ts";
import { type ChangeReport, difference, type ItemChange, reportOf, settle } from "./change.ts";
import { createTurns, type EditNeeds, editRosters } from "./edit.ts";
import { type PairsRequest, planPairs, readPairs } from "./pairs.ts";
import { contactOf, readContacts, readPatch } from "./patch.ts";
import type { Pushes } from "./pushes.ts";
import {
  type ItemJson,
  itemJson,
  type KeptRoster,
  noRoster,
  pointer,
  readItem,
  readRoster,
  requireNoFaults,
  type RosterItem,
} from "./roster.ts";
import { findRoster } from "./store.ts";

/** What the roster rules work with. */
export interface RosterNeeds extends EditNeeds {
  readonly hosts: Hosts;
  readonly prosody: Prosody;
  readonly pushes: Pushes;
}

export interface EditOptions {
  /** Only at one of these versions; `*`: only if there is a roster (RFC 9110, 13.1.1). */
  readonly ifMatch?: readonly string[] | undefined;
  /** Only if there is no roster yet (RFC 9110, 13.1.2). */
  readonly ifAbsent?: boolean;
  /** Says what would change, and changes nothing. */
  readonly dryRun?: boolean;
}

/** Rosters for those who hold a key, and for the admin. A user is a username of the actor's host. */
export interface Rosters {
  /** For who is about to change many. @throws Problem `not-allowed`, `kept-elsewhere` */
  requireWritable(actor: Actor): void;
  /** @throws Problem `not-allowed`, `not-found` */
  get(actor: Actor, user: string): Promise<KeptRoster>;
  /**
   * Makes the roster what `value` says (JID → contact, as JSON) and changes no more than that takes.
   * @throws Problem `not-allowed`, `not-found`, `invalid`, `precondition-failed`, `kept-elsewhere`
   */
  put(actor: Actor, user: string, value: unknown, options?: EditOptions): Promise<ChangeReport>;
  /** The contacts named: null removes one, an object changes the members it has (RFC 7396). @throws as `put` */
  patch(actor: Actor, user: string, value: unknown, options?: EditOptions): Promise<ChangeReport>;
  /** Makes one contact what `value` says, whatever it was. @throws as `put` */
  putItem(
    actor: Actor,
    user: string,
    jid: string,
    value: unknown,
    options?: EditOptions,
  ): Promise<ChangeReport>;
  /** @throws as `put`; `not-found` too if there is no such contact */
  removeItem(actor: Actor, user: string, jid: string, options?: EditOptions): Promise<ChangeReport>;
  /** @throws Problem `not-allowed`, `not-found` */
  getItem(actor: Actor, user: string, jid: string): Promise<{ item: ItemJson; version: number }>;
  /** Several pairs become each other's contacts, or cease to be: all of them or none. @throws as `put` */
  pair(actor: Actor, request: PairsRequest, options?: { dryRun?: boolean }): Promise<ChangeReport[]>;
  /**
   * A roster set as RFC 6121 has it, by a program on the control socket.
   * @param value the item as JSON; `null` removes the contact
   * @throws as `put`
   */
  set(host: string, user: string, jid: string, value: unknown): Promise<void>;
}

const askedAtOnce = 32; // accounts that Prosody is asked for side by side

export function createRosters(needs: RosterNeeds): Rosters {
  const { database, hosts, prosody, pushes, room: { maxItems } } = needs;
  const inTurn = createTurns();

  function hostOf(actor: Actor, scope: Scope): string {
    requireScope(actor, scope);
    const { domain, settings } = hosts.byDomain(actor.host);
    if (scope === "rosters:write" && settings["rosters.policy"] === "upstream") {
      throw new Problem(
        "kept-elsewhere",
        "The web app decides about this host's rosters: change them there, then POST /roster_admin/refresh.",
      );
    }
    return domain;
  }

  async function requireUser(host: string, username: string): Promise<void> {
    if (await prosody.userExists(host, username) === false) {
      throw new Problem("not-found", `There is no account ${username}@${host}.`);
    }
  }

  async function edit(
    actor: Actor,
    user: string,
    plan: (kept: KeptRoster, owner: string) => Promise<readonly ItemChange[]>,
    { ifMatch, ifAbsent = false, dryRun = false }: EditOptions = {},
  ): Promise<ChangeReport> {
    const [host, username] = [hostOf(actor, "rosters:write"), usernameOf(user)];
    const owner = `${username}@${host}`;
    return await inTurn([owner], async () => {
      await requireUser(host, username);
      const [done] = await editRosters(needs, host, [username], async ([kept]) => {
        if (ifMatch && !matches(kept!, ifMatch)) {
          const now = kept!.id === 0
            ? "There is no roster yet."
            : "The roster has another version now. Read it again.";
          throw new Problem("precondition-failed", now);
        }
        if (ifAbsent && kept!.id !== 0) {
          throw new Problem("precondition-failed", "There is a roster already.");
        }
        const changes = await plan(kept!, owner);
        requireSpace(kept!, changes, owner, maxItems);
        return [changes];
      }, { dryRun });
      if (!dryRun) pushes.deliver(host);
      return reportOf(username, done!.version, done!.changes);
    });
  }

  const isLocal = (jid: string) => hosts.isServed(jid);

  const settled = (kept: KeptRoster, wanted: Iterable<readonly [string, RosterItem | undefined]>) =>
    [...wanted].map(([jid, item]) => settle(kept, jid, item, isLocal));

  return {
    requireWritable: (actor) => void hostOf(actor, "rosters:write"),

    async get(actor, user) {
      const [host, username] = [hostOf(actor, "rosters:read"), usernameOf(user)];
      const kept = await findRoster(database.db, host, username);
      if (!kept) await requireUser(host, username);
      return kept ?? noRoster;
    },

    put: (actor, user, value, options) =>
      edit(
        actor,
        user,
        async (kept, owner) =>
          await difference(kept, await readRoster(value, owner, maxItems, kept.items), isLocal),
        options,
      ),

    patch: (actor, user, value, options) =>
      edit(
        actor,
        user,
        async (kept, owner) => settled(kept, await readPatch(kept, value, owner, maxItems)),
        options,
      ),

    putItem: (actor, user, jid, value, options) =>
      edit(
        actor,
        user,
        async (kept, owner) => settled(kept, await readRoster({ [jid]: value }, owner, maxItems, kept.items)),
        options,
      ),

    removeItem: (actor, user, text, options) =>
      edit(actor, user, (kept, owner) => {
        const [jid] = readContacts([text], owner, kept.items);
        if (!kept.items.has(jid!)) throw noContact();
        return Promise.resolve(settled(kept, [[jid!, undefined]]));
      }, options),

    async getItem(actor, user, jid) {
      const kept = await this.get(actor, user);
      const item = kept.items.get(contactOf(jid, "", kept.items) ?? "");
      if (!item) throw noContact();
      return { item: itemJson(item), version: kept.version };
    },

    async pair(actor, request, { dryRun = false } = {}) {
      const host = hostOf(actor, "rosters:write");
      const pairs = readPairs(request, host);
      const users = [...new Set(pairs.flatMap(({ users }) => users))];
      const owners = users.map((username) => `${username}@${host}`);
      return await inTurn(owners, async () => {
        for (let at = 0; at < users.length; at += askedAtOnce) {
          await Promise.all(users.slice(at, at + askedAtOnce).map((username) => requireUser(host, username)));
        }
        const edits = await editRosters(needs, host, users, (kept) => {
          const planned = planPairs(pairs, users, kept, host);
          planned.forEach((changes, i) => requireSpace(kept[i]!, changes, owners[i]!, maxItems));
          return Promise.resolve(planned);
        }, { dryRun });
        if (!dryRun) pushes.deliver(host);
        return edits.map(({ user, version, changes }) => reportOf(user, version, changes));
      });
    },

    async set(host, user, text, value) {
      if (hosts.byDomain(host).settings["rosters.policy"] !== "shared") {
        throw new Problem(
          "kept-elsewhere",
          "Rosters of this host are changed over HTTP alone: its policy is not shared.",
        );
      }
      await requireUser(host, user);
      const faults: Fault[] = [];
      const item: RosterItem | undefined = value === null
        ? undefined
        : readItem(value, (name, reason) => faults.push({ at: pointer(text) + pointer(name), reason }));
      requireNoFaults(faults);
      const owner = `${user}@${host}`;
      await inTurn([owner], () =>
        editRosters(needs, host, [user], ([kept]) => {
          const [jid] = readContacts([text], owner, kept!.items);
          const before = kept!.items.get(jid!);
          if (!before && !item) throw noContact();
          return Promise.resolve([[{ jid: jid!, before, after: item, notices: [] }]]);
        }));
      pushes.deliver(host);
    },
  };
}

function usernameOf(text: string): string {
  const username = normaliseLocal(text);
  if (username !== undefined) return username;
  throw new Problem("not-found", `${JSON.stringify(text.slice(0, 100))} cannot be a username.`);
}

const matches = ({ id, version }: KeptRoster, tags: readonly string[]) =>
  tags.some((tag) => tag === "*" ? id !== 0 : tag === String(version));

const noContact = () => new Problem("not-found", "There is no such contact in this roster.");

/** @throws Problem `invalid` if the roster grows beyond `most` */
function requireSpace(kept: KeptRoster, changes: readonly ItemChange[], owner: string, most: number): void {
  const grown = changes.reduce((sum, { before, after }) => sum + (after ? 1 : 0) - (before ? 1 : 0), 0);
  if (grown > 0 && kept.items.size + grown > most) {
    throw new Problem("invalid", `A roster may have ${most} contacts at most: ${owner} would have more.`);
  }
}
