import { Problem } from "../core/problem.ts";
import { tokenKey } from "../core/token.ts";
import type { Prosody } from "../prosody/prosody.ts";
import type { Db } from "../store/database.ts";
import { bareJid, boundName, isInviteId } from "./invite.ts";
import { findInvite, findInviteByPrefix, type InviteRow, type NewInviteRow } from "./store.ts";

/** By token or id. @throws Problem `not-found` */
export async function findByTokenOrId(db: Db, host: string, tokenOrId: string): Promise<InviteRow> {
  const row = await findInvite(db, host, tokenKey(tokenOrId)) ??
    (isInviteId(tokenOrId) ? await findInviteByPrefix(db, host, tokenOrId) : undefined);
  if (!row) throw new Problem("not-found", "There is no invite with this token or id on this host.");
  return row;
}

/**
 * Whether what the invite is about fits the accounts that there are; where Prosody does not say, it does.
 * @throws Problem `username-taken` for a new account, `invalid` for one that should be there, or cannot be made here
 */
export async function requireFitting(prosody: Prosody, row: NewInviteRow): Promise<void> {
  const { type, host, username, register, for_jid } = row;
  const name = boundName(row);
  if (register && for_jid !== null && for_jid !== host && name === null) {
    const reason = `Nobody of ${for_jid} can make an account on ${host}: leave register out.`;
    throw new Problem("invalid", reason, [{ at: "/register", reason }]);
  }
  const inviter = type === "account" ? null : username;
  const [isTaken, isThere] = await Promise.all([
    name === null ? undefined : prosody.userExists(host, name),
    inviter === null ? undefined : prosody.userExists(host, inviter),
  ]);
  if (isTaken) throw new Problem("username-taken", `${bareJid(name, host)} exists. Choose another username.`);
  if (isThere === false) {
    const reason = `There is no account ${bareJid(inviter, host)}.`;
    throw new Problem("invalid", reason, [{ at: `/${type}`, reason }]);
  }
}
