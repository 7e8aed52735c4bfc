import { getLogger } from "@logtape/logtape";
import { normaliseLocal } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import { type Element, errorElement, xml } from "./stanza.ts";

/** What a connection has said of itself. */
export interface Session {
  /** `lookup`: asks and waits; `link`: is there to be asked as well; absent: has said nothing. */
  readonly role?: "lookup" | "link";
  /** The host it speaks for. */
  readonly host?: string;
  /** Such as "Prosody 0.12.3". */
  readonly server?: string;
}

/** One iq to be answered. */
export interface IqRequest {
  readonly payload: Element;
  readonly host: string;
  /** The local part of `to`, if it names a user. */
  readonly user: string | undefined;
  readonly session: Session;
}

/** Answers with the result's child, or nothing for an empty result; throws a Problem to refuse. */
export type IqHandler = (request: IqRequest) => Promise<Element | undefined> | Element | undefined;

/** By "type namespace name": `get jabber:iq:roster query`. */
export type IqHandlers = Readonly<Record<string, IqHandler>>;

/** Handlers that a connection may reach without a hello: what RFC 6121 offers to any server. */
const open = new Set(["get jabber:iq:roster query", "set jabber:iq:roster query"]);

const log = getLogger(["couplet", "channel"]);

/** The one place that builds iq replies (RFC 6120, 8.2.3). */
export function createDispatch(handlers: IqHandlers, isServed: (host: string) => boolean) {
  return async (iq: Element, session: Session): Promise<Element> => {
    const { id, to = "" } = iq.attrs as Record<string, string | undefined>;
    try {
      const child = await answer(iq, to, session);
      const reply = xml("iq", { type: "result", id, from: to });
      if (child) reply.append(child);
      return reply;
    } catch (error) {
      if (!(error instanceof Problem)) log.error("An iq could not be answered", { error });
      const problem = error instanceof Problem
        ? error
        : new Problem("internal", "This went wrong here; see our log.");
      return xml("iq", { type: "error", id, from: to }, errorElement(problem));
    }
  };

  async function answer(iq: Element, to: string, session: Session): Promise<Element | undefined> {
    const [payload, ...more] = iq.getChildElements();
    if (iq.attrs.id === undefined || payload === undefined || more.length > 0) {
      throw new Problem("bad-request", "An iq needs an id and exactly one child.");
    }
    const at = to.lastIndexOf("@");
    const host = to.slice(at + 1).toLowerCase();
    const user = at < 0 ? undefined : normaliseLocal(to.slice(0, at));
    if (at >= 0 && user === undefined) throw new Problem("bad-request", "The iq's `to` is not a JID.");
    if (!isServed(host)) throw new Problem("unknown-host", `${host} is not served here.`);
    if (session.host !== undefined && session.host !== host) {
      throw new Problem("not-allowed", `This connection speaks for ${session.host} alone.`);
    }
    const name = `${iq.attrs.type} ${payload.getNS() ?? ""} ${payload.name}`;
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    if (!handler) {
      throw new Problem("not-implemented", `Nothing here answers ${JSON.stringify(name.slice(0, 200))}.`);
    }
    if (session.role === undefined && !open.has(name)) {
      throw new Problem("not-allowed", "Say hello first: this needs to know which host asks.");
    }
    return await handler({ payload, host, user, session });
  }
}

export type Dispatch = ReturnType<typeof createDispatch>;
