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
  /** Sends a user of this host a chat message from the host; `false` if that was refused. */
  tell(host: string, to: string, text: string): Promise<boolean | undefined>;
  /**
   * Makes an account, or sets the password that a reset is for, with an invite. Prosody holds a use of it here while
   * it works, so an invite serves nobody twice.
   * @throws Problem `invite-…`, `username-taken`, `username-reserved`; `store-unavailable` where nothing was done,
   * `in-doubt` where it may have been
   */
  register(host: string, request: RegistrationRequest): Promise<RegistrationAnswer>;
  /** What users have stored there. */
  readonly stored: StoredData;
}

/** Who wants to be registered, and with what. */
export interface RegistrationRequest {
  readonly username: string;
  readonly password: string;
  readonly token: string;
  /** Of the network, for modules that count by it; none where it cannot be known. */
  readonly address?: string | undefined;
}

/** What became of it. Unless it is `done`, nothing is changed and the invite is as good as before. */
export type RegistrationAnswer =
  | { readonly is: "done"; readonly jid: string }
  /** Prosody can make no such name, or cannot keep such a password; it does not find the invite; it has failed. */
  | { readonly is: "bad-username" | "bad-password" | "no-invite" | "failed" }
  /** Another module of Prosody refuses, for good or for a while, and says why. */
  | { readonly is: "refused" | "refused-for-now"; readonly text: string };

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
  tell: () => Promise.resolve(undefined),
  register: () => Promise.reject(new Problem("store-unavailable", "There is no Prosody to ask.")),
  stored: { ask: () => Promise.reject(new Problem("store-unavailable", "There is no Prosody to ask.")) },
};
