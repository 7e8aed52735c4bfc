import { Problem } from "../core/problem.ts";
import type { KeyAdoption } from "../keys/adoption.ts";
import { entriesOf } from "./invites.ts";
import { readKey } from "./records.ts";
import type { ImportKind } from "./tally.ts";

/** Keys of mod_invites_api. What is told of them never holds a secret. */
export const createKeyImport = (adoption: KeyAdoption): ImportKind => async (host, source, tally) => {
  const onDamaged = (_: string, key: string, error: Error) => {
    tally.count.found++;
    tally.fail(key, error.message);
  };
  for await (const stored of source.read(host, "invite_api_keys", onDamaged)) {
    if (stored.username !== "") continue;
    for (const [id, value] of entriesOf(stored, tally)) {
      tally.count.found++;
      const name = typeof id === "string" ? id : undefined;
      try {
        const adopted = await adoption.adopt(host, readKey(id, value), { dryRun: tally.dryRun });
        if (adopted === "imported") tally.count.imported++;
        else if (adopted === "there") tally.count.there_already++;
        else if (adopted.kept) {
          tally.count.there_already++;
          tally.tell(name, adopted.reason);
        } else tally.fail(name, adopted.reason);
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "invalid") throw error;
        tally.fail(name, error.message);
      }
    }
    tally.progress();
  }
};
