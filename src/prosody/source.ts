import { countStore, listHosts, readStore, type Stored } from "./data_folder.ts";
import { countSqlStore, listSqlHosts, type OnDamaged, readSqlStore } from "./data_sql.ts";

export type { OnDamaged, Stored };

const isFolder = async (source: string) => (await Deno.stat(source)).isDirectory;

/** The hosts that have something in one of these stores of Prosody's data folder, or its database on SQLite. @throws Error if `source` is neither */
export const hostsOf = async (source: string, stores: readonly string[]): Promise<string[]> =>
  await isFolder(source) ? await listHosts(source, stores) : listSqlHosts(source, stores);

/**
 * All that the users of a host have in a store; the host's own is that of `""`.
 * @param onDamaged is told of single values that cannot be read; in a file one is never alone
 * @throws Error as {@linkcode hostsOf}
 */
export async function* readSource(
  source: string,
  host: string,
  store: string,
  onDamaged?: OnDamaged,
): AsyncGenerator<Stored> {
  yield* await isFolder(source)
    ? readStore(source, host, store)
    : readSqlStore(source, host, store, onDamaged);
}

/** How many users have something in this store. @throws Error as {@linkcode hostsOf} */
export const countUsers = async (source: string, host: string, store: string): Promise<number> =>
  await isFolder(source) ? await countStore(source, host, store) : countSqlStore(source, host, store);
