import type { Database } from "../store/database.ts";
import { isAnyFrozen } from "./person_store.ts";

/** Whether anybody of a host is frozen at all: pages are looked at more often than that. */
export interface Calm {
  /** Known until somebody writes, another process too (then 1 ms later). */
  isCalm(host: string): Promise<boolean>;
  /** Somebody has been frozen here. */
  forget(host: string): void;
}

export function createCalm(database: Database): Calm {
  const calm = new Map<string, number>();
  return {
    async isCalm(host) {
      const version = database.version();
      if (calm.get(host) === version) return true;
      if (await isAnyFrozen(database.db, host)) return false;
      calm.set(host, version);
      return true;
    },
    forget: (host) => void calm.delete(host),
  };
}
