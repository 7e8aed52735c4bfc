import { Problem } from "../core/problem.ts";
import type { StoredData } from "./stored_data.ts";

/** What we ask of Prosody. Every answer may be `undefined`: no Prosody is linked for this host, or it did not say. */
export interface Prosody {
  /** Whether an account of this name exists. */
  userExists(host: string, username: string): Promise<boolean | undefined>;
  /** Whether there is anybody to ask; `undefined` where we are not the one who could be. */
  isLinked(host: string): boolean | undefined;
  /** What it calls itself, such as `Prosody 13.0.1`. */
  server(host: string): string | undefined;
  /**
   * Tells of a roster that was changed here: online clients get pushes and presence follows, what is kept of
   * those who are offline is dropped. `false` if Prosody keeps this host's rosters elsewhere or could not do it.
   */
  pushRoster(host: string, username: string, push: RosterPush): Promise<boolean | undefined>;
  /** What users have stored there. */
  readonly stored: StoredData;
}

/** A presence stanza that a change of subscription sends to the contact (RFC 6121, 3). */
export type SubscriptionNotice = "subscribe" | "subscribed" | "unsubscribe" | "unsubscribed";

/** One contact after a change. */
export interface PushedItem {
  readonly jid: string;
  /** As rostermanager keeps it; absent if the contact was removed. */
  readonly item?: Record<string, unknown>;
  readonly notices?: readonly SubscriptionNotice[];
  /** The contact's own roster was changed with it, and Prosody is told of that as well. */
  readonly mutual?: boolean;
}

/** From one version to another by these items; without `from`, everything may have changed. */
export interface RosterPush {
  readonly from?: number;
  readonly to?: number;
  readonly items: readonly PushedItem[];
}

/** For when there is no Prosody: commands that run without the daemon, and most tests. */
export const absent: Prosody = {
  userExists: () => Promise.resolve(undefined),
  isLinked: () => undefined,
  server: () => undefined,
  pushRoster: () => Promise.resolve(undefined),
  stored: { ask: () => Promise.reject(new Problem("store-unavailable", "There is no Prosody to ask.")) },
};
