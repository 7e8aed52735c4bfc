import type { JsonLimits } from "../core/json.ts";
import { Problem } from "../core/problem.ts";
import type { Db } from "../store/database.ts";
import { sizeOf } from "./store.ts";

/** How large a roster may become, whoever fills it: Prosody, and all who wait for it, read it at a login. */
export interface Room {
  /** Contacts. */
  readonly maxItems: number;
  /** Of JIDs, names and groups. */
  readonly maxBytes: number;
}

/** What JSON about rosters may say: contacts with three groups each, and as much again; most have fewer. */
export const jsonLimits = ({ maxItems }: Pick<Room, "maxItems">): JsonLimits => ({
  depth: 64,
  values: 10_000 + 10 * maxItems,
  names: 10_000 + maxItems,
});

/** For whoever has just put something in: takes it back by throwing. @throws Problem `invalid` */
export async function requireRoom(
  db: Db,
  id: number,
  owner: string,
  { maxItems, maxBytes }: Room,
): Promise<void> {
  const { items, bytes } = await sizeOf(db, id);
  if (items > maxItems) {
    throw new Problem("invalid", `A roster may have ${maxItems} contacts at most: ${owner} would have more.`);
  }
  if (bytes > maxBytes) {
    throw new Problem(
      "invalid",
      `A roster may have ${maxBytes} bytes at most: that of ${owner} would have more.`,
    );
  }
}
