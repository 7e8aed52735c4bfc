/** What we ask of Prosody. Every answer may be `undefined`: no Prosody is linked for this host, or it did not say. */
export interface Prosody {
  /** Whether an account of this name exists. */
  userExists(host: string, username: string): Promise<boolean | undefined>;
}

/** For when there is no Prosody: commands that run without the daemon, and most tests. */
export const absent: Prosody = { userExists: () => Promise.resolve(undefined) };
