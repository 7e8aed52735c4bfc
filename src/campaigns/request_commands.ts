import { buildRouteMap } from "@stricli/core";
import { args, choice, command, type CommonFlags, factLine, minute, on, value } from "../cli/command.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import { operator } from "../core/actor.ts";
import { type InviteFlags, inviteFlags, requestOf, template } from "./flag_commands.ts";
import { type JoinRequest, joinRequestJson, joinStates } from "./join_request.ts";
import { approvalJson, type Joining } from "./joining.ts";

type WithJoining = <T>(
  flags: CommonFlags,
  work: (services: { joining: Joining }) => Promise<T>,
) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const id = { placeholder: "ID", brief: "the request's id" };

/** `couplet requests …` */
export function requestCommands(withJoining: WithJoining): Routes {
  const list = command<{ state?: string; after?: string }, [string]>({
    brief: "List who would like to join a host, newest first",
    flags: {
      state: choice("Only those in this state", joinStates),
      after: value("Begin where a page ended", "CURSOR", String),
    },
    positional: args(host),
    call: ({ state, after, ...flags }, hostName) =>
      withJoining(flags, async ({ joining }) => {
        const options = { state: joinStates.find((known) => known === state), after, limit: 100 };
        const page = await joining.list(operator(hostName), options);
        const more = page.next && `More: couplet requests list ${hostName} --after ${page.next}`;
        return {
          json: { ...page, requests: page.requests.map(joinRequestJson) },
          text: page.requests.map(line).join("\n"),
          hint: more ?? (page.requests.length === 0 ? "No requests." : undefined),
        };
      }),
  });

  const show = command<Record<never, never>, [string, string]>({
    brief: "Show all that somebody has written",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, request) =>
      withJoining(flags, async ({ joining }) => {
        const json = joinRequestJson(await joining.show(operator(hostName), request));
        return { json, text: Object.entries(json).map((fact) => factLine(...fact)).join("\n") };
      }),
  });

  const approve = command<ApproveFlags, [string, string]>({
    brief: "Make an invite for who has asked; the page of the request leads to it",
    flags: {
      username: value("For an account of this name (default: the one asked for)", "USER", String),
      anyName: on("For an account of any name"),
      template,
      ...inviteFlags,
    },
    positional: args(host, id),
    call: ({ username, anyName, ...flags }, hostName, request) =>
      withJoining(flags, async ({ joining }) => {
        if (anyName && username !== undefined) {
          throw new CommandError("Give --username or --any-name, not both.");
        }
        const approval = {
          ...requestOf(flags),
          username: anyName ? null : username,
          template: flags.template,
        };
        const done = await joining.approve(operator(hostName), request, approval);
        return {
          json: approvalJson(done),
          text: done.invite.landing_page,
          hint: "Approved. The page of the request leads to this link; you can send it as well.",
        };
      }),
  });

  const decline = command<{ reason?: string }, [string, string]>({
    brief: "Decline a request",
    flags: { reason: value("What the asker is told", "TEXT", String) },
    positional: args(host, id),
    call: ({ reason, ...flags }, hostName, request) =>
      withJoining(flags, async ({ joining }) => {
        const declined = await joining.decline(operator(hostName), request, reason);
        return { json: joinRequestJson(declined), text: "", hint: "Declined." };
      }),
  });

  const remove = command<Record<never, never>, [string, string]>({
    brief: "Delete all that is kept of a request; an invite that was made stays",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, request) =>
      withJoining(flags, async ({ joining }) => {
        await joining.delete(operator(hostName), request);
        return { json: { request, deleted: true }, text: "", hint: "Deleted." };
      }),
  });

  return {
    requests: buildRouteMap({
      routes: { list, show, approve, decline, delete: remove },
      docs: { brief: "Who would like to join" },
    }),
  };
}

interface ApproveFlags extends InviteFlags {
  readonly username?: string;
  readonly anyName?: boolean;
  readonly template?: string;
}

const line = ({ id, state, created_at, name, username = "" }: JoinRequest) =>
  [id, state, minute(created_at), name, username].join("\t");
