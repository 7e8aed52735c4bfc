import { Problem } from "../core/problem.ts";
import type { Db } from "../store/database.ts";
import { bareJid } from "./invite.ts";
import { isHeld } from "./redemption_store.ts";
import { findReservation } from "./store.ts";

/** @throws Problem `username-reserved` while another invite, or a registration under way, holds the name */
export async function requireUnreserved(
  db: Db,
  host: string,
  username: string,
  now: number,
  own: { invite?: number; claim: string } = { claim: "" },
): Promise<void> {
  const other = await findReservation(db, host, username, now);
  if ((other && other.id !== own.invite) || await isHeld(db, host, bareJid(username, host), own.claim, now)) {
    throw new Problem(
      "username-reserved",
      "This username is kept for somebody who has an invite. Choose another.",
    );
  }
}
