import { type Actor, requireScope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { limitsOf } from "../invites/invite_groups.ts";
import type { Invites } from "../invites/invites.ts";
import { checkRequest, type InviteRequest, type Lifetimes } from "../invites/request.ts";
import type { Database } from "../store/database.ts";
import {
  deleteTemplate,
  findTemplate,
  listTemplates,
  putTemplate,
  type TemplateRow,
} from "./template_store.ts";

export type { InviteRequest };

/** What an invite request has where it says nothing itself. */
export interface Template {
  readonly name: string;
  readonly host: string;
  readonly request: InviteRequest;
  /** Who has changed it last. */
  readonly source: string;
  readonly changed_at: number;
}

/** What a request asks for, with the template that it names filled in: its own members take precedence. */
export type Resolve = (host: string, request: InviteRequest) => Promise<InviteRequest>;

export interface Templates {
  /** @throws Problem `not-allowed` */
  list(actor: Actor): Promise<Template[]>;
  /** @throws Problem `not-allowed`, `not-found` */
  show(actor: Actor, name: string): Promise<Template>;
  /** Answers whether it is new. @throws Problem `not-allowed`, `invalid` */
  put(actor: Actor, name: string, request: InviteRequest): Promise<{ template: Template; isNew: boolean }>;
  /** @throws Problem `not-allowed`, `not-found` */
  delete(actor: Actor, name: string): Promise<void>;
  /** @throws Problem `invalid` if there is no such template */
  readonly resolve: Resolve;
}

const most = 200; // templates of a host

export function createTemplates(
  { database, hosts, clock, ttl }: { database: Database; hosts: Hosts; clock: Clock; ttl: Lifetimes },
): Templates {
  const hostOf = ({ host }: Actor) => hosts.byDomain(host).domain;

  return {
    async list(actor) {
      requireReader(actor);
      return (await listTemplates(database.db, hostOf(actor), most)).map(templateFromRow);
    },

    async show(actor, name) {
      requireReader(actor);
      const row = await findTemplate(database.db, hostOf(actor), name);
      if (!row) throw notFound();
      return templateFromRow(row);
    },

    async put(actor, name, request) {
      requireScope(actor, "templates:write");
      const host = hostOf(actor);
      if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name)) {
        throw new Problem("invalid", "A template's name has 1 to 64 letters, digits, '_', '.' or '-'.");
      }
      if (request.template !== undefined) {
        const reason = "A template cannot build on another one.";
        throw new Problem("invalid", reason, [{ at: "/template", reason }]);
      }
      // Whoever uses it has limits of their own, and may not look what it grants: it is no more than its writer may.
      if (request.reset !== undefined) requireScope(actor, "invites:reset");
      checkRequest(request, limitsOf(actor), ttl);
      const row: TemplateRow = {
        ...{ host, name, source: actor.source, changed_at: clock() },
        request: JSON.stringify({ ...request, ...(request.ttl === Infinity && { ttl: never }) }),
      };
      const isNew = await database.write(async (db) => {
        const before = await findTemplate(db, host, name);
        if (!before && (await listTemplates(db, host, most)).length === most) {
          throw new Problem("conflict", `A host has ${most} templates at most. Delete one first.`);
        }
        await putTemplate(db, row);
        return before === undefined;
      });
      return { template: templateFromRow(row), isNew };
    },

    async delete(actor, name) {
      requireScope(actor, "templates:write");
      if (!await database.write((db) => deleteTemplate(db, hostOf(actor), name))) throw notFound();
    },

    async resolve(host, { template: name, ...request }) {
      if (name === undefined) return request;
      const row = await findTemplate(database.db, host, name);
      if (row) return { ...templateFromRow(row).request, ...defined(request) };
      const reason = `There is no template ${JSON.stringify(name)} on this host.`;
      throw new Problem("invalid", reason, [{ at: "/template", reason }]);
    },
  };
}

/** Whoever may use or change them sees them. */
function requireReader(actor: Actor): void {
  if (!actor.scopes.includes("templates:write")) requireScope(actor, "invites:create");
}

/** Invites whose requests may name a template. */
export const withTemplates = (invites: Invites, hosts: Hosts, resolve: Resolve): Invites => ({
  ...invites,
  async create(actor, request, ...rest) {
    if (request.template === undefined) return await invites.create(actor, request, ...rest);
    requireScope(actor, "invites:create");
    const host = hosts.byDomain(actor.host).domain;
    return await invites.create(actor, await resolve(host, request), ...rest);
  },
});

/** The shape that HTTP and `--json` show: what `PUT` takes, and beside it who has put it there. */
export function templateJson({ request, changed_at, ...rest }: Template) {
  const { ttl } = request;
  return {
    ...rest,
    request: { ...request, ...(ttl !== undefined && { ttl: ttl === Infinity ? never : ttl / 1_000 }) },
    changed_at: new Date(changed_at).toISOString(),
  };
}

const never = "never"; // JSON has no infinity

function templateFromRow({ request, ...row }: TemplateRow): Template {
  const { ttl, ...rest } = JSON.parse(request) as Omit<InviteRequest, "ttl"> & { ttl?: number | string };
  const time = ttl === never ? Infinity : ttl as number | undefined;
  return { ...row, request: { ...rest, ...(time !== undefined && { ttl: time }) } };
}

const defined = (request: InviteRequest): InviteRequest =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));

const notFound = () => new Problem("not-found", "There is no template of this name on this host.");
