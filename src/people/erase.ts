import type { Db } from "../store/database.ts";
import { deleteAlarmsOf } from "./alarm_store.ts";
import { findPerson, freezeChildren, updatePerson } from "./person_store.ts";

/**
 * Takes the name off somebody in the tree, for the one who had it is gone. What froze the branch freezes each of
 * those below instead: they have names to be thawed by.
 */
export async function erasePerson(db: Db, host: string, username: string): Promise<void> {
  const person = await findPerson(db, host, username);
  if (!person) return;
  if (person.frozen_at !== null) await freezeChildren(db, host, person.id, person);
  await deleteAlarmsOf(db, host, person.id);
  await updatePerson(db, host, person.id, { username: null, invite: null, frozen_at: null, frozen_by: null });
}
