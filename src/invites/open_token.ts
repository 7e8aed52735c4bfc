import { getLogger } from "@logtape/logtape";
import type { Vault } from "../core/token.ts";
import { inviteId, sealContext } from "./invite.ts";
import type { NewInviteRow } from "./store.ts";

/** The token of an invite; `undefined` if it was sealed under another key than there is now. */
export type OpenToken = (row: NewInviteRow) => string | undefined;

const log = getLogger(["couplet", "invites"]);

/** One such invite never comes alone: the log is told of the first. */
export function createOpenToken(vault: Vault): OpenToken {
  let isTold = false;
  return (row) => {
    try {
      return vault.open(row.token_sealed, sealContext(row.host, row.token_key));
    } catch {
      if (!isTold) {
        log.error(
          "The link of an invite cannot be shown: its token was sealed under another key. Is secret.key the one " +
            "that belongs to this database? Further invites like it are not told of",
          { host: row.host, invite: inviteId(row.token_key) },
        );
      }
      isTold = true;
      return undefined;
    }
  };
}
