import { buildRouteMap } from "@stricli/core";
import {
  args,
  choice,
  command,
  type CommonFlags,
  countOrUnlimited,
  factLine,
  minute,
  on,
  timeOrNever,
  value,
  values,
} from "../cli/command.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import { operator } from "../core/actor.ts";

import { inviteJson, inviteStates, type ListedInvite } from "./invite.ts";
import type { Invites } from "./invites.ts";

type WithInvites = <T>(flags: CommonFlags, work: (invites: Invites) => Promise<T>) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const token = { placeholder: "TOKEN", brief: "the invite's token or id" };

interface CreateFlags {
  readonly username?: string;
  readonly contact?: string;
  readonly register?: boolean;
  readonly for?: string;
  readonly reset?: string;
  readonly ttl?: number;
  readonly uses?: number | null;
  readonly group?: string[];
  readonly role?: string[];
  readonly note?: string;
  readonly template?: string;
}

interface SetFlags {
  readonly ttl?: number;
  readonly uses?: number | null;
  readonly note?: string;
}

/** `couplet invites …` @param more what other features have to add to it */
export function inviteCommands(withInvites: WithInvites, more: Routes = {}): Routes {
  const create = command<CreateFlags, [string]>({
    brief: "Make an invite and print its link",
    flags: {
      username: value("For an account of this name alone", "USER", String),
      contact: value("For becoming a contact of this user", "USER", String),
      register: on("With --contact: may make an account as well"),
      for: value("With --contact: only this JID, or a user of this domain, may accept", "JID", String),
      reset: value("For a new password of this user", "USER", String),
      ttl: timeOrNever('How long it lives, such as 12h or 7d, or "never"'),
      uses: countOrUnlimited('How often it can be used (default: 1), or "unlimited"'),
      group: values("A group to join; may be repeated", "GROUP"),
      role: values("A role to get; may be repeated", "ROLE"),
      note: value("A note for yourself", "TEXT", String),
      template: value("A template that fills in what is not given here", "NAME", String),
    },
    positional: args(host),
    call: (flags, hostName) =>
      withInvites(flags, async (invites) => {
        const { username, contact, register, reset, ttl, uses: max_uses, group: groups, role: roles, note } =
          flags;
        const request = {
          ...{ username, contact, register, for: flags.for, reset },
          ...{ ttl, max_uses, groups, roles, note, template: flags.template },
        };
        const invite = await invites.create(operator(hostName), request);
        return {
          json: inviteJson(invite),
          text: invite.landing_page,
          hint: `Send this link. ${validity(invite)} In an app: ${invite.uri}` +
            (invite.jid === invite.host
              ? ""
              : `\nWhether ${invite.jid} exists was not asked: a command cannot reach Prosody.`),
        };
      }),
  });

  const list = command<{ state?: string; after?: string }, [string]>({
    brief: "List a host's invites, newest first",
    flags: {
      state: choice("Only those in this state", inviteStates),
      after: value("Begin where a page ended", "CURSOR", String),
    },
    positional: args(host),
    call: ({ state, after, ...flags }, hostName) =>
      withInvites(flags, async (invites) => {
        const options = { state: inviteStates.find((known) => known === state), after, limit: 100 };
        const page = await invites.list(operator(hostName), options);
        const more = page.next === undefined
          ? undefined
          : `More: couplet invites list ${hostName} --after ${page.next}`;
        return {
          json: { ...page, invites: page.invites.map(inviteJson) },
          text: page.invites.map(line).join("\n"),
          hint: more ?? (page.invites.length === 0 ? "No invites." : undefined),
        };
      }),
  });

  const show = command<Record<never, never>, [string, string]>({
    brief: "Show one invite, and who has used it",
    flags: {},
    positional: args(host, token),
    call: (flags, hostName, tokenOrId) =>
      withInvites(flags, async (invites) => {
        const { redeemed_by, ...invite } = await invites.show(operator(hostName), tokenOrId);
        const users = redeemed_by.map(({ jid, at }) => ({ jid, at: new Date(at).toISOString() }));
        const facts = Object.entries(inviteJson(invite)).filter(([, fact]) =>
          !Array.isArray(fact) || fact.length > 0
        );
        return {
          json: { ...inviteJson(invite), redeemed_by: users },
          text: [
            ...facts.map(([name, fact]) => factLine(name, fact ?? "without limit")),
            ...users.map(({ jid, at }) => `used by: ${jid} at ${at}`),
          ].join("\n"),
          hint: invite.token === undefined
            ? "Its link cannot be shown: is secret.key the one that belongs to this database?"
            : undefined,
        };
      }),
  });

  const revoke = command<Record<never, never>, [string, string]>({
    brief: "End an invite that is not used yet",
    flags: {},
    positional: args(host, token),
    call: (flags, hostName, tokenOrId) =>
      withInvites(flags, async (invites) => {
        const state = await invites.revoke(operator(hostName), tokenOrId);
        const hint = state === "revoked" ? "Revoked." : "It has been used already, and stays so.";
        return { json: { invite: tokenOrId, state }, text: "", hint };
      }),
  });

  const set = command<SetFlags, [string, string]>({
    brief: "Change how long and how often an invite can be used, or its note",
    flags: {
      ttl: timeOrNever('How long it lives from now on, such as 12h or 7d, or "never"'),
      uses: countOrUnlimited('How often it can be used in all, or "unlimited"'),
      note: value('A note for yourself; "" takes it away', "TEXT", String),
    },
    positional: args(host, token),
    call: ({ ttl, uses, note, ...flags }, hostName, tokenOrId) =>
      withInvites(flags, async (invites) => {
        if (ttl === undefined && uses === undefined && note === undefined) {
          throw new CommandError("Say what to change: --ttl TIME, --uses N or --note TEXT.");
        }
        const change = { ttl, max_uses: uses, note: note === "" ? null : note };
        const invite = await invites.change(operator(hostName), tokenOrId, change);
        return { json: inviteJson(invite), text: "", hint: `Changed. ${validity(invite)}` };
      }),
  });

  const pause = command<Record<never, never>, [string, string]>({
    brief: "Let an invite rest: nobody can use it until it is resumed",
    flags: {},
    positional: args(host, token),
    call: (flags, hostName, tokenOrId) =>
      withInvites(flags, async (invites) => {
        const invite = await invites.change(operator(hostName), tokenOrId, { paused: true });
        return { json: inviteJson(invite), text: "", hint: "Paused. A name that it keeps stays kept." };
      }),
  });

  const resume = command<Record<never, never>, [string, string]>({
    brief: "Let a paused invite be used again",
    flags: {},
    positional: args(host, token),
    call: (flags, hostName, tokenOrId) =>
      withInvites(flags, async (invites) => {
        const invite = await invites.change(operator(hostName), tokenOrId, { paused: false });
        return { json: inviteJson(invite), text: "", hint: `Resumed. ${validity(invite)}` };
      }),
  });

  return {
    invites: buildRouteMap({
      routes: { create, list, show, set, pause, resume, revoke, ...more },
      docs: { brief: "Invites" },
    }),
  };
}

const validity = ({ expires_at }: ListedInvite) =>
  expires_at === null ? "It does not expire." : `It is valid until ${minute(expires_at)}.`;

const line = (invite: ListedInvite) =>
  [
    invite.id,
    invite.state,
    `${invite.uses}/${invite.max_uses ?? "∞"}`,
    invite.type,
    invite.jid,
    invite.expires_at === null ? "never" : minute(invite.expires_at),
  ]
    .join("\t");
