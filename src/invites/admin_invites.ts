import type { Actor } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import { createPace } from "../core/turn.ts";
import { type ListedInvite, never } from "./invite.ts";
import type { Invites } from "./invites.ts";
import type { InviteRequest } from "./request.ts";

/** What mod_http_admin_api can be asked to make. */
export interface AdminOptions {
  readonly username?: string | undefined;
  /** Seconds. */
  readonly ttl?: number | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly note?: string | undefined;
  readonly reusable?: boolean | undefined;
}

/** Invites as mod_http_admin_api has them: called by their tokens, and there as long as they can be used. */
export interface AdminInvites {
  /** Those that an account can be made or recovered with, the oldest first; of many the newest thousand. */
  list(actor: Actor): Promise<AdminInvite[]>;
  /** @throws Problem `not-found` */
  get(actor: Actor, token: string): Promise<AdminInvite>;
  /** @throws Problem as `Invites.create`; `bad-request` for another kind */
  create(actor: Actor, kind: string | undefined, options: AdminOptions): Promise<AdminInvite>;
  /** One that there is not is gone already. */
  drop(actor: Actor, token: string): Promise<void>;
}

export type AdminInvite = ReturnType<typeof adminInvite>;

const most = 1_000;
const mostPages = 100;

export function createAdminInvites(invites: Invites): AdminInvites {
  const asks = (kind: string | undefined, options: AdminOptions, uses: number | null): InviteRequest => {
    const { username, groups, roles, note } = options;
    const ttl = options.ttl === undefined ? undefined : options.ttl * 1000;
    switch (kind) {
      case undefined: // its first version: reusable or not
        return { groups, ttl, roles, note, max_uses: options.reusable ? uses : 1 };
      case "account":
        return { username, groups, ttl, roles, note };
      case "group":
        if (!groups) throw new Problem("bad-request", 'Name groups: {"groups": ["choir"]}.');
        // mod_invites makes one that can be used again of every one whose life is given.
        return { groups, ttl, roles, note, max_uses: ttl === undefined ? 1 : uses };
      case "reset":
        if (username === undefined) throw new Problem("bad-request", 'Name a user: {"username": "ann"}.');
        return { reset: username, ttl };
      default:
        throw new Problem("bad-request", "There are invites/account, invites/group and invites/reset.");
    }
  };

  return {
    async list(actor) {
      const found: ListedInvite[] = [];
      let after: string | undefined;
      const pace = createPace();
      for (let pages = 0; found.length < most && pages < mostPages; pages++) {
        const page = await invites.list(actor, { state: "pending", after, limit: 200 });
        found.push(...page.invites.filter((one) => one.token && (one.type !== "contact" || one.register)));
        after = page.next;
        if (after === undefined) break;
        await pace();
      }
      return found.slice(0, most).reverse().map(adminInvite);
    },

    async get(actor, token) {
      const invite = await invites.show(actor, token);
      if (invite.state === "pending" && invite.token === token) return adminInvite(invite);
      throw new Problem("not-found", "There is no invite of this id that can still be used.");
    },

    create: async (actor, kind, options) =>
      adminInvite(
        await invites.create(
          { ...actor, source: `${actor.source}/admin_api` },
          asks(kind, options, actor.limits.uses ?? null),
        ),
      ),

    drop: (actor, token) =>
      invites.revoke(actor, token).then(() => {}, (error) => {
        if (!(error instanceof Problem && error.code === "not-found")) throw error;
      }),
  };
}

/** The shape of mod_http_admin_api: times are seconds since 1970; `xmpp_uri` is what Snikket's portal looks for. */
const adminInvite = (invite: ListedInvite) => ({
  id: invite.token,
  type: invite.type === "contact" ? "roster" : "register",
  ...{ jid: invite.jid, uri: invite.uri, xmpp_uri: invite.uri, landing_page: invite.landing_page },
  ...{ reusable: invite.max_uses !== 1, reset: invite.type === "reset" },
  created_at: Math.floor(invite.created_at / 1000),
  expires: Math.floor((invite.expires_at ?? never) / 1000),
  ...(invite.type !== "reset" && { groups: invite.groups, source: invite.source }),
  ...(invite.roles.length > 0 && { roles: invite.roles }),
  ...(invite.note !== undefined && { note: invite.note }),
});
