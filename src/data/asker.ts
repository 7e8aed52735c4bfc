import type { Actor } from "../core/actor.ts";
import type { StoredAnswer, StoredCall, StoredData } from "../prosody/stored_data.ts";

/** Without who asks: that is the asker's part. */
export type Question = StoredCall extends infer One ? One extends unknown ? Omit<One, "login"> : never
  : never;

/** Who asks for users' data, on one host, and how Prosody is asked for them. */
export interface Asker {
  readonly host: string;
  /** Kept with what they replace: `api/token/ID`, `cli` or a bare JID. */
  readonly source: string;
  /** The username of somebody who has logged in with a password; keys and the command line have none. */
  readonly user?: string | undefined;
  /** What a key or the command line may do. */
  readonly scopes: readonly string[];
  /** @throws Problem `not-authenticated`, `too-many-requests` or `store-unavailable` */
  ask(question: Question): Promise<StoredAnswer>;
}

/** Makes askers of those who need no password: whoever holds a key, and the admin at the command line. */
export type Trust = (actor: Actor) => Asker;

export const createTrust = (stored: StoredData): Trust => ({ host, source, scopes }) => ({
  host,
  source,
  scopes,
  ask: (question) => stored.ask(host, question),
});
