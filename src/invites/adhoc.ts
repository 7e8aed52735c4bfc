import { LRUCache } from "lru-cache";
import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import { type Random, randomId } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { type CommandField, fieldsOf, type FilledIn, requestOf } from "./adhoc_form.ts";
import type { Invite } from "./invite.ts";
import type { Invites } from "./invites.ts";
import { type Asker, localOf, mayInvite, userActor } from "./users.ts";

/** What a command makes: XEP-0401's two, and a password reset. */
export type CommandKind = "contact" | "account" | "reset";

/** The nodes of XEP-0401, one of our own, and the one that Prosody 13's mod_invites_adhoc has for the same. */
export const commandNodes: Readonly<Record<string, CommandKind>> = {
  "urn:xmpp:invite#invite": "contact",
  "urn:xmpp:invite#create-account": "account",
  "urn:couplet:invite#password-reset": "reset",
  "xmpp:prosody.im/mod_invites_adhoc#password-reset": "reset",
};

/** One step of an ad-hoc command, as a client asks for it (XEP-0050). */
export interface CommandStep {
  readonly host: string;
  readonly node: string;
  /** The full JID of who asks. */
  readonly from: string;
  readonly isAdmin: boolean;
  readonly action: string;
  readonly session?: string | undefined;
  readonly form?: FilledIn | undefined;
}

/** What becomes of it. `fault` is why the form comes again. */
export type CommandAnswer =
  | { status: "executing"; session: string; fields: CommandField[]; fault?: Problem }
  | { status: "completed"; session: string; invite: Invite }
  | { status: "canceled"; session: string }
  /** XEP-0050, 4.4: the application's condition beside `bad-request`. */
  | { status: "refused"; condition: "bad-sessionid" | "bad-action" | "malformed-action" };

export interface AdHoc {
  /** The nodes that every user of a host may run. */
  open(host: string): string[];
  /** @throws Problem `not-found`, or `not-allowed` to who may not run the command */
  run(step: CommandStep): Promise<CommandAnswer & { readonly kind: CommandKind }>;
}

const lifetime = 600_000; // ms that a form may take to be filled in
const mostSessions = 5_000;
const formAgain = new Set(["invalid", "not-allowed", "username-taken", "username-reserved"]);

export function createAdHoc(
  { invites, hosts, clock, random }: { invites: Invites; hosts: Hosts; clock: Clock; random: Random },
): AdHoc {
  // A session for each client and command: who begins anew has ended what was before.
  const sessions = new LRUCache<string, { id: string; ends: number }>({ max: mostSessions });
  const newSession = () => ({ id: randomId(random, 12), ends: clock() + lifetime });

  async function answer(step: CommandStep, kind: CommandKind): Promise<CommandAnswer> {
    const { action, form, from } = step;
    const host = hosts.byDomain(step.host);
    const asker: Asker = { jid: from.split("/")[0] ?? "", isAdmin: step.isAdmin };
    const may = mayInvite(host, asker);
    if (!may[kind]) throw new Problem("not-allowed", `You may not do this on ${host.domain}.`);
    const own = localOf(host, asker.jid);
    const actor = userActor(host, asker);
    const fields = fieldsOf(kind, actor.limits, own !== undefined);
    const place = JSON.stringify([host.domain, step.node, from]);
    const known = sessions.get(place);

    async function make(session: { id: string; ends: number }, filledIn: FilledIn): Promise<CommandAnswer> {
      sessions.delete(place); // asked twice at once it is made once
      try {
        const request = requestOf(kind, { filledIn, own, host: host.domain, mayRegister: may.account });
        return { status: "completed", session: session.id, invite: await invites.create(actor, request) };
      } catch (error) {
        if (!(error instanceof Problem) || !formAgain.has(error.code) || fields.length === 0) throw error;
        sessions.set(place, session);
        return { status: "executing", session: session.id, fields, fault: error };
      }
    }

    if (!["execute", "complete", "cancel", "prev", "next"].includes(action)) {
      return { status: "refused", condition: "malformed-action" };
    }
    if (step.session !== undefined) {
      if (known?.id !== step.session || known.ends <= clock()) {
        return { status: "refused", condition: "bad-sessionid" };
      }
      if (action === "cancel" || form?.type === "cancel") {
        sessions.delete(place);
        return { status: "canceled", session: known.id };
      }
      if (action === "prev" || action === "next") return { status: "refused", condition: "bad-action" };
      if (form) return await make(known, form);
      const fault = new Problem("invalid", "Fill in the form.");
      return { status: "executing", session: known.id, fields, fault };
    }
    const session = newSession();
    if (action === "cancel") return { status: "canceled", session: session.id };
    if (action !== "execute") return { status: "refused", condition: "bad-action" };
    if (fields.length === 0) return await make(session, { values: new Map() });
    if (form?.type === "submit") return await make(session, form);
    sessions.set(place, session);
    return { status: "executing", session: session.id, fields };
  }

  return {
    open(domain) {
      const host = hosts.byDomain(domain);
      const may = mayInvite(host, { jid: `user@${host.domain}`, isAdmin: false });
      return Object.entries(commandNodes).filter(([, kind]) => may[kind]).map(([node]) => node);
    },

    async run(step) {
      const kind = Object.hasOwn(commandNodes, step.node) ? commandNodes[step.node] : undefined;
      if (!kind) throw new Problem("not-found", "There is no such command.");
      return { kind, ...await answer(step, kind) };
    },
  };
}
