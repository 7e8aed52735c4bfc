import type { Actor } from "../core/actor.ts";
import { normaliseLocal } from "../core/jid.ts";
import { type Fault, Problem } from "../core/problem.ts";
import { fullRoster, spaceIn } from "../rosters/sides.ts";
import type { Db } from "../store/database.ts";
import {
  type Group,
  groupFromRow,
  type Member,
  memberFromRow,
  requireGroupId,
  requireGroupName,
} from "./group.ts";
import {
  addGroup,
  type ChangeOptions,
  type GroupNeeds,
  hostFor,
  type PageOptions,
  requireGroup,
  usernameOf,
} from "./ground.ts";
import { mostGroupsOfUser } from "./joining.ts";
import { enrol, join, leave } from "./membership.ts";
import {
  type CountedGroup,
  findGroup,
  findMember,
  listGroupsOf,
  listMembers,
  listUsernames,
} from "./store.ts";

/** Who is in groups. All of it throws Problem `not-allowed`, and `not-found`. */
export interface GroupMembers {
  list(actor: Actor, id: string, options: PageOptions): Promise<{ members: Member[]; next?: string }>;
  /** Who is in each of the groups with these ids. */
  usernames(actor: Actor, ids: readonly string[]): Promise<Map<string, string[]>>;
  /**
   * Somebody who is a member already has put back what is missing in the rosters.
   * @throws Problem `conflict`, `precondition-failed`, `kept-elsewhere`
   */
  add(
    actor: Actor,
    id: string,
    user: string,
    options?: ChangeOptions,
  ): Promise<{ group: Group; member: Member; isNew: boolean }>;
  /** @throws Problem `precondition-failed`, `kept-elsewhere` */
  take(actor: Actor, id: string, user: string, options?: ChangeOptions): Promise<Group>;
  /**
   * A whole group from somewhere else: made if it is not there, with these members beside those that it has. Whether
   * they have accounts is not asked.
   * @throws Problem `invalid`, `conflict`, `kept-elsewhere`
   */
  bring(
    actor: Actor,
    group: { id: string; name: string; members: readonly string[] },
  ): Promise<{ isNew: boolean; added: string[] }>;
}

export function createGroupMembers(needs: GroupNeeds): GroupMembers {
  const { database, hosts, prosody, clock, pushes, room, settling, emit } = needs;
  const { db } = database;

  /** Before anything is written: is there such an account, and does Prosody take rosters from here? */
  async function askProsody(host: string, username: string): Promise<void> {
    if (await prosody.userExists(host, username) === false) {
      throw new Problem("not-found", `There is no account ${username}@${host}.`);
    }
    if (await prosody.pushRoster(host, username, { items: [] }) === false) {
      throw new Problem(
        "kept-elsewhere",
        `Prosody takes no rosters of ${host} from here, and without them groups do nothing. Set ` +
          '`storage = { roster = "couplet" }` there; docs/install.md tells how.',
      );
    }
  }

  async function requireSpace(db: Db, host: string, { members }: CountedGroup, username: string) {
    const most = hosts.byDomain(host).settings["groups.max_members"];
    const full = (reason: string) => new Problem("conflict", reason);
    if (members >= most) throw full(`This group has ${members} members, and may have ${most} at most.`);
    if ((await listGroupsOf(db, host, username)).length >= mostGroupsOfUser) {
      throw full(`${username} is in ${mostGroupsOfUser} groups, the most there can be.`);
    }
    if (await spaceIn(db, host, username, room) < members) {
      throw full(`The roster of ${username} has no room for ${members} contacts more.`);
    }
  }

  return {
    async list(actor, id, { after, limit }) {
      const { key } = await requireGroup(db, hostFor(needs, actor, "groups:read").domain, id);
      const rows = await listMembers(db, [key], { after, limit: limit + 1 });
      const members = rows.slice(0, limit).map(memberFromRow);
      return { members, ...(rows.length > limit && { next: members.at(-1)!.username }) };
    },

    async usernames(actor, ids) {
      const names = new Map(ids.map((id) => [id, [] as string[]]));
      const host = hostFor(needs, actor, "groups:read").domain;
      for (const { id, username } of await listUsernames(db, host, ids)) names.get(id)!.push(username);
      return names;
    },

    async add(actor, id, user, options) {
      const [host, username] = [hostFor(needs, actor, "groups:write").domain, usernameOf(user)];
      const group = await requireGroup(db, host, id, options);
      await askProsody(host, username);
      const others = (await listMembers(db, [group.key])).map((one) => one.username);
      if (!others.includes(username)) {
        await requireSpace(db, host, group, username);
        const full = await fullRoster(db, host, others, room);
        if (full !== undefined) throw new Problem("conflict", `The roster of ${full}, a member, is full.`);
      }
      const added = await database.write(async (db) => {
        const row = await requireGroup(db, host, id, options);
        const known = await findMember(db, row.key, username);
        if (!known) await requireSpace(db, host, row, username);
        await join(db, host, username, [row], { now: clock(), emit });
        const member = known ?? await findMember(db, row.key, username);
        return {
          group: groupFromRow(await requireGroup(db, host, id)),
          member: memberFromRow(member!),
          isNew: !known,
        };
      });
      pushes.deliver(host);
      return added;
    },

    async take(actor, id, user, options) {
      const [host, username] = [hostFor(needs, actor, "groups:write").domain, usernameOf(user)];
      const group = await database.write(async (db) => {
        const row = await requireGroup(db, host, id, options);
        if (!await findMember(db, row.key, username)) {
          throw new Problem("not-found", `${username} is no member of this group.`);
        }
        await leave(db, host, row, username, { now: clock(), emit });
        return groupFromRow(await requireGroup(db, host, id));
      });
      pushes.deliver(host);
      return group;
    },

    async bring(actor, { id, name, members }) {
      const { domain: host, settings } = hostFor(needs, actor, "groups:write");
      requireGroupName(name);
      requireGroupId(id);
      const faults: Fault[] = [];
      const usernames = [
        ...new Set(members.map((text) => {
          const username = normaliseLocal(text);
          if (username === undefined) faults.push({ at: `/members/${text}`, reason: "This is no username." });
          return username ?? "";
        })),
      ];
      if (faults.length > 0) throw new Problem("invalid", "Some members are no usernames.", faults);
      const brought = await database.write(async (db) => {
        const known = await findGroup(db, host, id);
        const row = known ?? await addGroup(needs, db, host, id, name);
        const added = await enrol(db, row, usernames, clock());
        if (row.members + added.length > settings["groups.max_members"]) {
          throw new Problem(
            "conflict",
            `A group may have ${settings["groups.max_members"]} members at most.`,
          );
        }
        return { isNew: known === undefined, added };
      });
      await settling.run(host);
      return brought;
    },
  };
}
