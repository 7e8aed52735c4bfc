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
  /** XEP-0050, 4.4: the specific condition. */
  | { status: "refused"; condition: "bad-sessionid" | "session-expired" | "bad-action" | "malformed-action" };

export interface AdHoc {
  /** The nodes that every user of a host may run. */
  open(host: string): string[];
  /** @throws Problem `not-found`, or `not-allowed` to who may not run the command */
  run(step: CommandStep): Promise<CommandAnswer & { readonly kind: CommandKind }>;
}

const lifetime = 600_000; // ms that a form may take to be filled in
const mostPlaces = 5_000; // clients that are at a command
const mostAtOnce = 8; // sessions that one of them has open: who begins another ends the oldest
const formAgain = new Set(["invalid", "not-allowed", "username-taken", "username-reserved"]);

export function createAdHoc(
  { invites, hosts, clock, random }: { invites: Invites; hosts: Hosts; clock: Clock; random: Random },
): AdHoc {
  // Of each client and command: ids of sessions, and when they end; 0: over.
  const places = new LRUCache<string, Map<string, number>>({ max: mostPlaces });
  const newId = () => randomId(random, 12);

  function begin(place: string): string {
    const sessions = places.get(place) ?? new Map();
    const [oldest] = sessions.keys();
    if (sessions.size >= mostAtOnce && oldest !== undefined) sessions.delete(oldest);
    const id = newId();
    places.set(place, sessions.set(id, clock() + lifetime));
    return id;
  }

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
    const sessions = places.get(place);

    async function make(filledIn: FilledIn, session = newId()): Promise<CommandAnswer> {
      const ends = sessions?.get(session);
      if (ends !== undefined) sessions?.set(session, 0); // asked twice at once it is made once
      try {
        const request = requestOf(kind, { filledIn, own, host: host.domain, mayRegister: may.account });
        return { status: "completed", session, invite: await invites.create(actor, request) };
      } catch (error) {
        if (!(error instanceof Problem) || !formAgain.has(error.code) || fields.length === 0) throw error;
        if (ends !== undefined) sessions?.set(session, ends);
        return {
          status: "executing",
          session: ends === undefined ? begin(place) : session,
          fields,
          fault: error,
        };
      }
    }

    if (!["execute", "complete", "cancel", "prev", "next"].includes(action)) {
      return { status: "refused", condition: "malformed-action" };
    }
    if (step.session !== undefined) {
      const { session } = step;
      const ends = sessions?.get(session);
      if (ends === undefined) return { status: "refused", condition: "bad-sessionid" };
      if (ends <= clock()) return { status: "refused", condition: "session-expired" };
      if (action === "cancel" || form?.type === "cancel") {
        sessions?.set(session, 0);
        return { status: "canceled", session };
      }
      if (action === "prev" || action === "next") return { status: "refused", condition: "bad-action" };
      if (form) return await make(form, session);
      return { status: "executing", session, fields, fault: new Problem("invalid", "Fill in the form.") };
    }
    if (action === "cancel") return { status: "canceled", session: newId() };
    if (action !== "execute") return { status: "refused", condition: "bad-action" };
    if (fields.length === 0) return await make({ values: new Map() });
    if (form?.type === "submit") return await make(form);
    return { status: "executing", session: begin(place), fields };
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
