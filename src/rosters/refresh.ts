/** Fetches rosters anew from where they are decided, and tells who must know. */
export interface RosterRefresh {
  /**
   * Every one of `users` is in exactly one of the lists: a failure, and what is no username, is an answer and not
   * thrown. Takes 30 s at most.
   */
  refresh(
    host: string,
    users: readonly string[],
  ): Promise<{ updated: string[]; failed: { user: string; reason: string }[] }>;
}
