import { type Actor, requireScope } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import { createPace } from "../core/turn.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Prosody } from "../prosody/prosody.ts";
import { usernameOf } from "./ground.ts";
import type { Group } from "./group.ts";
import type { Groups } from "./groups.ts";
import type { GroupMembers } from "./members.ts";

/** A group as mod_http_admin_api shows it: its members are names of an object, and it has no chats of ours. */
export interface AdminGroup {
  readonly id: string;
  readonly name: string;
  readonly members: Readonly<Record<string, Record<never, never>>>;
  readonly chats: readonly never[];
}

/** Groups, and what is known of users and the server, as mod_http_admin_api has them. */
export interface AdminGroups {
  list(actor: Actor): Promise<AdminGroup[]>;
  /** @throws Problem `not-found` */
  get(actor: Actor, id: string): Promise<AdminGroup>;
  create(actor: Actor, name: string): Promise<AdminGroup>;
  /** That there is such an account is all that is known. @throws Problem `not-found`, `store-unavailable` */
  user(actor: Actor, user: string): Promise<{ username: string }>;
  of(actor: Actor, user: string): Promise<AdminGroup[]>;
  info(actor: Actor): { site_name: string; version?: string };
}

const atOnce = 10; // groups, of some hundreds of members each

export function createAdminGroups(
  { groups, members, prosody, hosts }: {
    groups: Groups;
    members: GroupMembers;
    prosody: Prosody;
    hosts: Hosts;
  },
): AdminGroups {
  async function shown(actor: Actor, some: readonly Group[]): Promise<AdminGroup[]> {
    const all: AdminGroup[] = [];
    const pace = createPace();
    for (let at = 0; at < some.length; at += atOnce) {
      const page = some.slice(at, at + atOnce);
      const usernames = await members.usernames(actor, page.map(({ id }) => id));
      all.push(...page.map(({ id, name }) => ({
        ...{ id, name, chats: [] },
        members: Object.fromEntries((usernames.get(id) ?? []).map((username) => [username, {}])),
      })));
      await pace();
    }
    return all;
  }

  return {
    async list(actor) {
      const all: Group[] = [];
      for (let after: string | undefined = "";;) {
        const page: Awaited<ReturnType<Groups["list"]>> = await groups.list(actor, { after, limit: 500 });
        all.push(...page.groups);
        if (page.next === undefined) return await shown(actor, all);
        after = page.next;
      }
    },
    get: async (actor, id) => (await shown(actor, [await groups.get(actor, id)]))[0]!,
    async create(actor, name) {
      const { id } = await groups.create(actor, { name });
      return { id, name, members: {}, chats: [] };
    },
    async user(actor, text) {
      requireScope(actor, "groups:read");
      const [username, host] = [usernameOf(text), hosts.byDomain(actor.host).domain];
      const exists = await prosody.userExists(host, username);
      if (exists === undefined) {
        throw new Problem("store-unavailable", "There is no Prosody to ask just now.");
      }
      if (!exists) throw new Problem("not-found", `There is no account ${username}@${host}.`);
      return { username };
    },
    of: async (actor, user) => await shown(actor, await groups.of(actor, user)),
    info(actor) {
      requireScope(actor, "groups:read");
      const { domain, settings } = hosts.byDomain(actor.host);
      const version = prosody.server(domain)?.replace(/^Prosody /, "");
      return { site_name: settings["pages.site_name"] ?? domain, ...(version !== undefined && { version }) };
    },
  };
}
