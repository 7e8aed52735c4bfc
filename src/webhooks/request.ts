import { Problem } from "../core/problem.ts";
import type { Guarded } from "../outbound/guarded.ts";
import { OutboundError } from "../outbound/outbound_error.ts";
import { eventTypes } from "./events.ts";

/** What a webhook is to be. */
export interface WebhookRequest {
  readonly url: string;
  /** Types, or `*` alone: all there are and will be. */
  readonly events: readonly string[];
  readonly description?: string | undefined;
}

const invalid = (at: string, reason: string) => new Problem("invalid", reason, [{ at, reason }]);

/** @throws Problem `invalid` */
export function checkEvents(events: readonly string[]): string {
  const known: readonly string[] = ["*", ...eventTypes];
  const unknown = events.findIndex((type) => !known.includes(type));
  if (unknown >= 0) {
    throw invalid(
      `/events/${unknown}`,
      `There is no event ${JSON.stringify(events[unknown])}. There are: ${known.join(", ")}.`,
    );
  }
  if (events.length === 0) throw invalid("/events", "Name an event at least, or * for all.");
  if (events.includes("*")) return '["*"]';
  return JSON.stringify(eventTypes.filter((type) => events.includes(type)));
}

/** @throws Problem `invalid` */
export function checkDescription(text: string): string {
  if (text.length <= 200 && text.isWellFormed() && !/\p{Cc}/u.test(text)) return text;
  throw invalid("/description", "A description has 200 characters at most, and no control characters.");
}

/** The address as it is kept, if it may be called now. @throws Problem `invalid` */
export async function checkUrl(text: string, guarded: Guarded): Promise<string> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "" || url.href.length > 2_000) {
    throw invalid(
      "/url",
      'Give an address such as "https://app.example.org/hooks", of 2000 characters at most.',
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("/url", "Leave name and password out: what is sent is signed.");
  }
  url.hash = "";
  try {
    await guarded.check(url);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw invalid("/url", error.message);
  }
  return url.href;
}
