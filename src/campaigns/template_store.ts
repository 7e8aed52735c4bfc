import type { Db, Tables } from "../store/database.ts";

export type TemplateRow = Tables["invite_template"];

export function listTemplates(db: Db, host: string, limit: number): Promise<TemplateRow[]> {
  return db.selectFrom("invite_template").selectAll().where("host", "=", host).orderBy("name").limit(limit)
    .execute();
}

export function findTemplate(db: Db, host: string, name: string): Promise<TemplateRow | undefined> {
  return db.selectFrom("invite_template").selectAll().where("host", "=", host).where("name", "=", name)
    .executeTakeFirst();
}

export async function putTemplate(db: Db, row: TemplateRow): Promise<void> {
  await db.replaceInto("invite_template").values(row).execute();
}

/** Whether there was one to delete. */
export async function deleteTemplate(db: Db, host: string, name: string): Promise<boolean> {
  const result = await db.deleteFrom("invite_template").where("host", "=", host).where("name", "=", name)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
