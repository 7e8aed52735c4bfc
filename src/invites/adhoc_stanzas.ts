import type { IqHandlers } from "../channel/dispatch.ts";
import { controlNs, type Element, xml } from "../channel/stanza.ts";
import { Problem } from "../core/problem.ts";
import { chooseLanguage, type Language, type Words } from "../web/language.ts";
import type { AdHoc, CommandAnswer, CommandKind } from "./adhoc.ts";
import type { CommandField, FilledIn } from "./adhoc_form.ts";
import type { Invite } from "./invite.ts";

const commandsNs = "http://jabber.org/protocol/commands";
const formNs = "jabber:x:data";
const stanzasNs = "urn:ietf:params:xml:ns:xmpp-stanzas";
const invitation = "urn:xmpp:invite#invitation"; // XEP-0401, 12.1

type Said = Words["adhoc"];

/** What clients' ad-hoc commands ask, by mod_couplet; docs/control_channel.md has examples. */
export function adHocStanzas(adHoc: AdHoc): IqHandlers {
  return {
    [`set ${controlNs} command`]: async ({ payload, host }) => {
      const { node = "", from, action = "execute", session, admin, lang } = payload.attrs as Record<
        string,
        string | undefined
      >;
      if (from === undefined) throw new Problem("bad-request", "<command/> needs a JID as its from.");
      const isAdmin = admin === "true";
      const form = readForm(payload.getChild("form", controlNs));
      const answer = await adHoc.run({ host, node, from, isAdmin, action, session, form });
      return rendered(answer, node, chooseLanguage(undefined, lang));
    },
  };
}

function readForm(form: Element | undefined): FilledIn | undefined {
  if (!form) return undefined;
  const fields = form.getChildren("field").map((field) =>
    [String(field.attrs.var), field.getChildren("value").map((value) => value.getText())] as const
  );
  return { type: String(form.attrs.type), values: new Map(fields) };
}

function rendered(
  answer: CommandAnswer & { kind: CommandKind },
  node: string,
  { tag, words: { adhoc: words } }: Language,
): Element {
  const { status, kind } = answer;
  if (status === "refused") {
    const isOver = answer.condition === "session-expired";
    return xml(
      "error",
      { type: isOver ? "cancel" : "modify" },
      xml(isOver ? "not-allowed" : "bad-request", { xmlns: stanzasNs }),
      xml("text", { xmlns: stanzasNs }, words.refused[answer.condition]),
      xml(answer.condition, { xmlns: commandsNs }),
    );
  }
  const attrs = { xmlns: commandsNs, node, status, sessionid: answer.session, "xml:lang": tag };
  if (status === "canceled") return xml("command", attrs);
  if (status === "completed") return xml("command", attrs, result(answer.invite, words));
  const { fields, fault } = answer;
  return xml(
    "command",
    attrs,
    xml("actions", { execute: "complete" }, xml("complete")),
    form(kind, node, fields, words),
    ...(fault ? [xml("note", { type: "error" }, faultWords(fault, words))] : []),
  );
}

function form(kind: CommandKind, node: string, fields: readonly CommandField[], words: Said): Element {
  return xml(
    "x",
    { xmlns: formNs, type: "form" },
    xml("title", {}, words.title[kind]),
    xml("instructions", {}, words.instructions[kind]),
    xml("field", { var: "FORM_TYPE", type: "hidden" }, xml("value", {}, node)),
    ...fields.map(({ name, type, required, options = [] }) =>
      xml(
        "field",
        { var: name, type, label: words.fields[name] },
        ...(required ? [xml("required")] : []),
        ...options.map((option) => xml("option", { label: option }, xml("value", {}, option))),
      )
    ),
  );
}

/** XEP-0401, 5.1 and 5.4. Without `expire` it does not expire; times are those of XEP-0082. */
function result({ uri, landing_page, expires_at }: Invite, words: Said): Element {
  const field = (name: string, label: string, value: string) =>
    xml("field", { var: name, type: "text-single", label }, xml("value", {}, value));
  const expire = expires_at === null ? undefined : `${new Date(expires_at).toISOString().slice(0, 19)}Z`;
  return xml(
    "x",
    { xmlns: formNs, type: "result" },
    xml("title", {}, words.made),
    xml("field", { var: "FORM_TYPE", type: "hidden" }, xml("value", {}, invitation)),
    field("uri", words.uri, uri),
    field("landing-url", words.landingPage, landing_page),
    ...(expire === undefined ? [] : [field("expire", words.expire, expire)]),
  );
}

function faultWords({ code, detail, faults }: Problem, words: Said): string {
  const known = (words.faults as Record<string, string>)[faults[0]?.at === "/username" ? "/username" : code];
  return known ?? detail;
}
