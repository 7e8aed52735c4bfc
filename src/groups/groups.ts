import type { Actor } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import { type Group, groupFromRow, makeGroupId, requireGroupId, requireGroupName } from "./group.ts";
import {
  addGroup,
  type ChangeOptions,
  type GroupNeeds,
  hostFor,
  type PageOptions,
  requireGroup,
  usernameOf,
} from "./ground.ts";
import { findGroup, listGroups, listGroupsOf, touchGroups, unsettle } from "./store.ts";

/** Groups for those who hold a key, and for the admin. All of them throw Problem `not-allowed`, and `not-found`. */
export interface Groups {
  list(actor: Actor, options: PageOptions): Promise<{ groups: Group[]; next?: string }>;
  get(actor: Actor, id: string): Promise<Group>;
  /** The groups that a user is in. */
  of(actor: Actor, user: string): Promise<Group[]>;
  /** @throws Problem `invalid`, `conflict`, `kept-elsewhere` */
  create(actor: Actor, request: { name: string; id?: string | undefined }): Promise<Group>;
  /** In all members' rosters too. @throws Problem `invalid`, `precondition-failed`, `kept-elsewhere` */
  rename(actor: Actor, id: string, name: string, options?: ChangeOptions): Promise<Group>;
  /** What only the group has made of contacts ends. @throws Problem `precondition-failed`, `kept-elsewhere` */
  remove(actor: Actor, id: string, options?: ChangeOptions): Promise<void>;
}

export function createGroups(needs: GroupNeeds): Groups {
  const { database, random, settling } = needs;
  const { db } = database;
  return {
    async list(actor, { after = "", limit }) {
      const rows = await listGroups(db, hostFor(needs, actor, "groups:read").domain, after, limit + 1);
      const groups = rows.slice(0, limit).map(groupFromRow);
      return { groups, ...(rows.length > limit && { next: groups.at(-1)!.id }) };
    },

    get: async (actor, id) =>
      groupFromRow(await requireGroup(db, hostFor(needs, actor, "groups:read").domain, id)),

    async of(actor, user) {
      const host = hostFor(needs, actor, "groups:read").domain;
      return (await listGroupsOf(db, host, usernameOf(user))).map(groupFromRow);
    },

    async create(actor, request) {
      const host = hostFor(needs, actor, "groups:write").domain;
      const name = requireGroupName(request.name);
      const id = request.id === undefined ? makeGroupId(random) : requireGroupId(request.id);
      return await database.write(async (db) => {
        if (await findGroup(db, host, id)) throw new Problem("conflict", `There is a group ${id} already.`);
        return groupFromRow(await addGroup(needs, db, host, id, name));
      });
    },

    async rename(actor, id, text, options) {
      const host = hostFor(needs, actor, "groups:write").domain;
      const name = requireGroupName(text);
      const group = await database.write(async (db) => {
        const row = await requireGroup(db, host, id, options);
        if (row.name === name) return row;
        await touchGroups(db, [row.key], { name });
        await unsettle(db, row.key);
        return await requireGroup(db, host, id);
      });
      await settling.run(host);
      return groupFromRow(group);
    },

    async remove(actor, id, options) {
      const host = hostFor(needs, actor, "groups:write").domain;
      await database.write(async (db) => {
        const { key } = await requireGroup(db, host, id, options);
        await touchGroups(db, [key], { ended: 1, id: `/${key}` }); // no id has a slash: another may have this one now
        await unsettle(db, key);
      });
      await settling.run(host);
    },
  };
}
