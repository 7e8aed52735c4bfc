import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { createVault, makeToken, systemRandom } from "../../src/core/token.ts";
import { newRow } from "../../src/invites/invites.ts";
import { openDatabase } from "../../src/store/database.ts";
import { host } from "./sides.ts";

const day = 86_400_000;

/** Makes a data folder with this many pending invites, made over the last six days; answers the file's size. */
export async function fillStore(dataDir: string, invites: number): Promise<number> {
  const path = `${dataDir}/couplet.db`;
  const secretKey = systemRandom(new Uint8Array(32));
  await Deno.writeFile(`${dataDir}/secret.key`, secretKey, { mode: 0o600 });
  await (await openDatabase(path)).close();
  using sqlite = new DatabaseSync(path);
  const vault = createVault(secretKey, systemRandom);
  const wanted = { type: "account", register: false, ttl: 7 * day, max_uses: 1, details: {} } as const;
  const start = Date.now() - 6 * day;
  const rowAt = (i: number) => {
    const now = start + Math.floor(i * 6 * day / invites);
    return newRow(
      { ...wanted, host, token: makeToken(now, systemRandom), source: "api/token/bench", now },
      vault,
    );
  };
  const names = Object.keys(rowAt(0));
  const insert = sqlite.prepare(
    `insert into invite (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`,
  );
  sqlite.exec("pragma synchronous = off; begin");
  for (let i = 0; i < invites; i++) insert.run(...Object.values(rowAt(i)) as SQLInputValue[]);
  sqlite.exec("commit; pragma wal_checkpoint(truncate)");
  return (await Deno.stat(path)).size;
}
