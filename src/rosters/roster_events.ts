import type { WebhookEvent } from "../webhooks/events.ts";

/** What webhooks are told of changed rosters: whose. Of several changes that wait to be told, one is. */
export const rosterChanged = (host: string, users: Iterable<string>): WebhookEvent[] =>
  [...users].map((user) => {
    const jid = `${user}@${host}`;
    return { type: "roster.changed", host, data: { jid }, subject: jid };
  });
