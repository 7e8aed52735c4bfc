import type { Host, Hosts } from "../hosts/hosts.ts";
import type { InviteState, InviteType } from "../invites/invite.ts";
import type { FindShown, Shown } from "../invites/shown.ts";
import type { ProblemCode } from "../core/problem.ts";
import { type App, appsOf } from "./apps.ts";

export type { Shown };
/** Why an invite cannot be used. */
export type DeadState = Exclude<InviteState, "pending"> | "unknown";

export type Found =
  | { readonly invite: Shown }
  | { readonly dead: DeadState; readonly type?: InviteType };

export interface Landing {
  /** What a link leads to. Looking changes nothing. */
  find(host: string, token: string): Promise<Found>;
  /** The apps that a host's pages name. */
  apps(host: string): readonly App[];
}

export function createLanding({ findShown, hosts }: { findShown: FindShown; hosts: Hosts }): Landing {
  const apps = new Map(hosts.all.map(({ domain, settings }: Host) => [domain, appsOf(settings)]));
  return {
    async find(host, token) {
      const invite = await findShown(host, token);
      if (invite?.state === "pending") return { invite };
      return invite ? { dead: invite.state as DeadState, type: invite.type } : { dead: "unknown" };
    },
    apps: (host) => apps.get(host) ?? [],
  };
}

/** What programs are told (`application/json`): nothing that is not in the page. */
export function publicView({ type, jid, host, uri, landing_page, register, expires_at }: Shown) {
  return {
    ...{ type, jid, host, uri, landing_page, state: "pending" },
    expires_at: expires_at === null ? null : new Date(expires_at).toISOString(),
    ...(type === "contact" && { inviter: jid, register }),
  };
}

/** What programs are told of an invite that cannot be used. */
export const deadProblems: Readonly<Record<DeadState, { code: ProblemCode; detail: string }>> = {
  used: { code: "invite-spent", detail: "This invite has been used. Ask for a new one." },
  expired: { code: "invite-spent", detail: "This invite has expired. Ask for a new one." },
  revoked: { code: "invite-spent", detail: "This invite was withdrawn. Ask for a new one." },
  paused: { code: "invite-paused", detail: "This invite is paused. Try again later, or ask for a new one." },
  unknown: {
    code: "invite-unknown",
    detail: "This invite is not known here. Check that you have all of the link.",
  },
};
