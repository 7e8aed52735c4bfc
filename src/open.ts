import { getLogger } from "@logtape/logtape";
import { createServices, type Services } from "./services.ts";
import type { Config } from "./config.ts";
import { reasonOf } from "./core/reason.ts";
import { systemRandom } from "./core/token.ts";
import { createOutbound } from "./outbound/outbound.ts";
import type { Prosody } from "./prosody/prosody.ts";
import { type Database, openDatabase, StoreError } from "./store/database.ts";

export interface Opened extends AsyncDisposable {
  readonly services: Services;
  readonly database: Database;
}

/**
 * Makes or opens the data folder and everything on it. Commands and the daemon alike come in by this door.
 * @throws StoreError with what to do, when something there cannot be used
 */
export async function openServices(config: Config, prosody: Prosody): Promise<Opened> {
  const dir = config.data_dir;
  try {
    await Deno.mkdir(dir, { recursive: true, mode: 0o750 });
  } catch (error) {
    throw new StoreError(
      `The data folder ${dir} cannot be made: ${reasonOf(error)}. Set "data_dir".`,
    );
  }
  const path = config.store.slice("sqlite:".length);
  const secretKey = await readSecretKey(`${dir}/secret.key`, path);
  await makePrivateFile(path);
  const database = await openDatabase(path);
  const services = createServices({
    config,
    database,
    secretKey,
    prosody,
    outbound: createOutbound({ log: getLogger(["couplet", "outbound"]) }),
    clock: Date.now,
    random: systemRandom,
  });
  return { services, database, [Symbol.asyncDispose]: () => database.close() };
}

/** The database is for us alone wherever its folder is; SQLite gives its other files the same rights. */
async function makePrivateFile(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch {
    // It is there, or it cannot be made: opening it says which.
  }
}

/** 32 random bytes that no copy of the database holds; made once, readable by us alone. */
async function readSecretKey(path: string, database: string): Promise<Uint8Array> {
  try {
    const isNew = !await Deno.stat(database).then(({ size }) => size > 0, () => false);
    const key = await readIfThere(path) ??
      (isNew ? (await makeSecretKey(path), await Deno.readFile(path)) : new Uint8Array(0));
    if (key.length === 32) return key;
  } catch (error) {
    throw new StoreError(`The key file ${path} cannot be made or read: ${reasonOf(error)}.`);
  }
  throw new StoreError(
    `The key file ${path} is missing beside its database, or does not hold 32 bytes. Restore it: without it no link can be shown again.`,
  );
}

const readIfThere = (path: string) =>
  Deno.readFile(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  });

/** Written aside and linked: of two that start together one wins, and nobody reads half a key. */
async function makeSecretKey(path: string): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}`;
  using file = await Deno.open(draft, { write: true, createNew: true, mode: 0o600 });
  try {
    await file.write(systemRandom(new Uint8Array(32)));
    await file.sync();
    await Deno.link(draft, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(draft);
  }
}
