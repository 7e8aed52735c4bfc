import type { IqHandlers, IqRequest } from "../channel/dispatch.ts";
import { luaChunk, luaLiteral } from "../channel/lua_literal.ts";
import { controlNs, type Element, xml } from "../channel/stanza.ts";
import { parseBareJid } from "../core/jid.ts";
import { Problem } from "../core/problem.ts";
import type { TokenRecord, TokenRecords } from "./records.ts";
import type { Redemption } from "./redemption.ts";

/** What mod_storage_couplet and mod_couplet ask of invites; docs/control_channel.md has examples of each. */
export function inviteStanzas(records: TokenRecords, redemption: Redemption): IqHandlers {
  return {
    [`get ${controlNs} invite`]: async ({ payload, host, user, session }) => {
      const token = attribute(payload, "token");
      if (user === undefined) {
        const record = await records.get(host, token);
        return record && literal("invite", forServer(record, session.server));
      }
      const expires = await records.getContact(host, user, token);
      return expires === undefined ? undefined : literal("invite", { expires });
    },

    [`set ${controlNs} invite`]: async ({ payload, host, user }) => {
      const token = attribute(payload, "token");
      if (payload.attrs.remove === "true") {
        await redemption.removed(host, token);
        return undefined;
      }
      const expires = seconds(payload, "expires");
      const byAdmin = payload.attrs.by_admin === "true";
      const page = user === undefined
        ? await records.put(host, readRecord(payload, token, expires), byAdmin)
        : await records.putContact(host, user, token, expires, byAdmin);
      return xml("invite", { xmlns: controlNs, landing_page: page });
    },

    [`get ${controlNs} invites`]: async ({ payload, host, session }) => {
      const before = payload.attrs.before === undefined ? undefined : seconds(payload, "before");
      const page = await records.list(host, before);
      const items = page.records.map((record) => forServer(record, session.server));
      return literal("invites", { records: items, next: page.next });
    },

    [`set ${controlNs} reserve`]: async (request) => {
      const { payload, host } = request;
      const username = localPart(request);
      const claim = attribute(payload, "claim");
      const token = payload.attrs.token as string | undefined;
      const contact = payload.attrs.contact as string | undefined;
      if (contact === undefined) {
        const exists = payload.attrs.exists === "true";
        const shownAt = payload.attrs.shown === undefined ? undefined : seconds(payload, "shown") * 1000;
        await redemption.reserve({
          ...{ host, claim, username, exists },
          ...(token !== undefined && { token }),
          ...(shownAt !== undefined && { shownAt }),
        });
      } else {
        await redemption.reserveContact({
          host,
          token: attribute(payload, "token"),
          claim,
          username,
          contact,
        });
      }
      return undefined;
    },

    [`set ${controlNs} commit`]: async (request) => {
      const { payload, host } = request;
      const jid = payload.attrs.contact as string | undefined ?? `${localPart(request)}@${host}`;
      if (parseBareJid(jid)?.local === undefined && payload.attrs.contact === undefined) throw noUser();
      const telling = await redemption.commit({
        host,
        token: attribute(payload, "token"),
        claim: attribute(payload, "claim"),
        jid,
      });
      return telling && xml("tell", { xmlns: controlNs, to: telling.to }, telling.text);
    },

    [`set ${controlNs} registered`]: async (request) => {
      const jid = `${localPart(request)}@${request.host}`;
      await redemption.registered(request.host, jid, attribute(request.payload, "claim"));
      return undefined;
    },

    [`set ${controlNs} release`]: async ({ payload, host }) => {
      await redemption.release({
        host,
        token: attribute(payload, "token"),
        claim: attribute(payload, "claim"),
      });
      return undefined;
    },
  };
}

const noUser = () => new Problem("bad-request", "This needs a user in `to`.");

function localPart({ user }: IqRequest): string {
  if (user === undefined) throw noUser();
  return user;
}

function attribute(element: Element, name: string): string {
  const value = element.attrs[name] as string | undefined;
  if (value === undefined || value === "" || value.length > 1024) {
    throw new Problem(
      "bad-request",
      `<${element.name}/> needs an attribute ${name} of 1 to 1024 characters.`,
    );
  }
  return value;
}

function seconds(element: Element, name: string): number {
  const value = Number(element.attrs[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Problem("bad-request", `<${element.name}/> needs a whole number as its ${name}.`);
}

function readRecord(
  payload: Element,
  token: string,
  expires: number,
): Omit<TokenRecord, "uri" | "landing_page"> {
  const type = attribute(payload, "type");
  if (type !== "register" && type !== "roster") {
    throw new Problem("bad-request", "An invite is register or roster.");
  }
  let data: unknown = {};
  try {
    data = JSON.parse(payload.getText() || "{}");
  } catch {
    throw new Problem("bad-request", "An invite's text is its additional_data, as JSON.");
  }
  luaLiteral(data); // what could not be read back is refused now
  return {
    token,
    type,
    expires,
    jid: attribute(payload, "jid"),
    created_at: seconds(payload, "created_at"),
    allow_registration: payload.attrs.allow_registration === "true",
    reusable: payload.attrs.reusable === "true",
    additional_data: typeof data === "object" && data !== null && !Array.isArray(data) ? { ...data } : {},
  };
}

/** What Prosody waits for: one element with a table literal as its text. */
const literal = (name: string, value: unknown): Element => xml(name, { xmlns: controlNs }, luaChunk(value));

function forServer(record: TokenRecord, server = ""): unknown {
  const { roles, ...data } = record.additional_data;
  return {
    ...record,
    reusable: record.reusable || undefined,
    additional_data: { ...data, ...(Array.isArray(roles) && { roles: rolesFor(server, roles) }) },
  };
}

/** COMPAT(prosody 0.12): roles are a map there, a list from 13 on. */
const rolesFor = (server: string, roles: string[]) =>
  /^Prosody 0\./.test(server) ? Object.fromEntries(roles.map((role) => [role, true])) : roles;
