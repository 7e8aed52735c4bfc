import { buildRouteMap } from "@stricli/core";
import { args, choice, command, type CommonFlags, on, value, values } from "../cli/command.ts";
import type { Routes } from "../cli/run.ts";
import { operator } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import { eventTypes } from "./events.ts";
import type { Replays } from "./replays.ts";
import {
  type Delivery,
  deliveryJson,
  deliveryStates,
  type NewWebhook,
  type Webhook,
  webhookJson,
} from "./webhook.ts";
import type { Webhooks } from "./webhooks.ts";

/** Opens the store that the flags' settings name, for as long as `work` runs. */
type WithWebhooks = <T>(
  flags: CommonFlags,
  work: (services: { webhooks: Webhooks; webhookReplays: Replays }) => Promise<T>,
) => Promise<T>;

const host = { placeholder: "HOST", brief: "the XMPP domain" };
const id = { placeholder: "ID", brief: "the webhook's id" };

interface WantedFlags {
  readonly event?: string[];
  readonly description?: string;
}
interface SetFlags extends WantedFlags {
  readonly url?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
}

const wantedFlags = {
  event: values(`An event to be told of; may be repeated: *, ${eventTypes.join(", ")}`, "EVENT"),
  description: value("What it is for", "TEXT", String),
};

/** `couplet webhooks …` */
export function webhookCommands(withWebhooks: WithWebhooks): Routes {
  const create = command<WantedFlags, [string, string]>({
    brief: "Have a web server told of what happens; its secret is shown this once",
    flags: wantedFlags,
    positional: args(host, { placeholder: "URL", brief: "where it listens" }),
    call: ({ event: events = ["*"], description, ...flags }, hostName, url) =>
      withWebhooks(flags, async ({ webhooks }) => {
        const made = await webhooks.create(operator(hostName), { url, events, description });
        return shownOnce(made, `Try it: couplet webhooks test ${hostName} ${made.id}`);
      }),
  });

  const set = command<SetFlags, [string, string]>({
    brief: "Change a webhook, or switch it on or off",
    flags: {
      url: value("Where it listens", "URL", String),
      ...wantedFlags,
      enable: on("Switch it on; what waited is sent"),
      disable: on("Switch it off"),
    },
    positional: args(host, id),
    call: ({ url, event: events, description, enable, disable, ...flags }, hostName, hookId) =>
      withWebhooks(flags, async ({ webhooks }) => {
        const enabled = enable ? true : disable ? false : undefined;
        const patch = { url, events, description, enabled };
        return shown(await webhooks.change(operator(hostName), hookId, patch));
      }),
  });

  const list = command<Record<never, never>, [string]>({
    brief: "List a host's webhooks",
    flags: {},
    positional: args(host),
    call: (flags, hostName) =>
      withWebhooks(flags, async ({ webhooks }) => {
        const all = await webhooks.list(operator(hostName));
        return {
          json: all.map(webhookJson),
          text: all.map(line).join("\n"),
          hint: all.length === 0
            ? `No webhooks yet. Make one: couplet webhooks create ${hostName} URL`
            : undefined,
        };
      }),
  });

  const show = command<Record<never, never>, [string, string]>({
    brief: "Show a webhook, and whether it works",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, hookId) =>
      withWebhooks(flags, async ({ webhooks }) => shown(await webhooks.show(operator(hostName), hookId))),
  });

  const remove = command<Record<never, never>, [string, string]>({
    brief: "Delete a webhook",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, hookId) =>
      withWebhooks(flags, async ({ webhooks }) => {
        await webhooks.delete(operator(hostName), hookId);
        return { json: { deleted: hookId }, text: "", hint: `Deleted ${hookId}.` };
      }),
  });

  const rotate = command<Record<never, never>, [string, string]>({
    brief: "Give a webhook a new secret; for a day the old one signs as well",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, hookId) =>
      withWebhooks(
        flags,
        async ({ webhooks }) =>
          shownOnce(
            await webhooks.rotate(operator(hostName), hookId),
            "Give it to the receiver within a day.",
          ),
      ),
  });

  const test = command<Record<never, never>, [string, string]>({
    brief: "Send a webhook.test event now, and say what was answered",
    flags: {},
    positional: args(host, id),
    call: (flags, hostName, hookId) =>
      withWebhooks(flags, async ({ webhooks }) => {
        const { isDelivered, retryAfter: _, ...outcome } = await webhooks.test(operator(hostName), hookId);
        const { status, error, answer, took } = outcome;
        return {
          json: { delivered: isDelivered, ...outcome },
          text: isDelivered ? `It took it: status ${status}, ${took} ms.` : `It did not take it. ${error}`,
          hint: answer === undefined ? undefined : `Its answer begins: ${answer}`,
          failed: !isDelivered,
        };
      }),
  });

  const deliveries = command<{ state?: string; after?: string }, [string, string]>({
    brief: "List what was sent, and what waits, newest first",
    flags: {
      state: choice("Only those in this state", deliveryStates),
      after: value("Begin where a page ended", "CURSOR", String),
    },
    positional: args(host, id),
    call: ({ state, after, ...flags }, hostName, hookId) =>
      withWebhooks(flags, async ({ webhookReplays }) => {
        const options = { state: deliveryStates.find((known) => known === state), after, limit: 100 };
        const page = await webhookReplays.list(operator(hostName), hookId, options);
        const more = page.next === undefined
          ? undefined
          : `More: couplet webhooks deliveries ${hostName} ${hookId} --after ${page.next}`;
        return {
          json: { ...page, deliveries: page.deliveries.map(deliveryJson) },
          text: page.deliveries.map(deliveryLine).join("\n"),
          hint: more ?? (page.deliveries.length === 0 ? "Nothing." : undefined),
        };
      }),
  });

  const replay = command<{ since?: string; event?: string }, [string, string]>({
    brief: "Have an event sent again, or all since a time",
    flags: {
      since: value("A time such as 2026-01-31T12:00:00Z", "TIME", String),
      event: value("An event's id", "EVENT_ID", String),
    },
    positional: args(host, id),
    call: ({ since, event, ...flags }, hostName, hookId) =>
      withWebhooks(flags, async ({ webhookReplays }) => {
        await webhookReplays.replay(operator(hostName), hookId, whatAgain(since, event));
        return { json: { webhook: hookId }, text: "", hint: "The daemon sends it." };
      }),
  });

  return {
    webhooks: buildRouteMap({
      routes: { create, set, list, show, delete: remove, rotate, test, deliveries, replay },
      docs: { brief: "Web servers that are told of what happens" },
    }),
  };
}

function whatAgain(since: string | undefined, event: string | undefined) {
  if (event !== undefined && since === undefined) return { event };
  const time = since === undefined || event !== undefined ? NaN : Date.parse(since);
  if (!Number.isNaN(time)) return { since: time };
  throw new Problem("invalid", "Give --event ID, or --since with a time such as 2026-01-31T12:00:00Z.");
}

const shownOnce = (webhook: NewWebhook, hint: string) => ({
  json: webhookJson(webhook),
  text: `${webhook.id}\t${webhook.secret}`,
  hint: `Keep the secret safe: it is not shown again. ${hint}`,
});

const shown = (webhook: Webhook) => {
  const json = webhookJson(webhook);
  return { json, text: Object.entries(json).map(([name, fact]) => `${name}: ${fact}`).join("\n") };
};

const line = ({ id, url, events, enabled, disabled_reason, failing_since }: Webhook): string =>
  [
    id,
    enabled ? failing_since === undefined ? "enabled" : "failing" : "disabled",
    url,
    events.join(","),
    ...(disabled_reason === undefined ? [] : [disabled_reason]),
  ].join("\t");

const deliveryLine = ({ event, type, state, tries, created_at, attempts: [last] }: Delivery): string =>
  [
    ...[event, state, type, new Date(created_at).toISOString(), `${tries}×`],
    ...(last === undefined ? [] : [last.error ?? `${last.status}`]),
  ].join("\t");
