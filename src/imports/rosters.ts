import type { RosterTransfer } from "../rosters/transfer.ts";
import type { ImportKind } from "./tally.ts";

/** Rosters, as `couplet rosters import` brings them in. */
export const createRosterImport = (transfer: RosterTransfer): ImportKind => async (host, source, tally) => {
  await transfer.import(host, source.rosters(host), {
    dryRun: tally.dryRun,
    onLeftOut: ({ user, contact, reason }) =>
      tally.tell(contact === undefined ? user : `${user}: ${contact}`, reason),
    onProgress({ users, imported, kept, failed, contacts }) {
      Object.assign(tally.count, { found: users, imported, there_already: kept, failed, contacts });
      tally.progress();
    },
  });
};
