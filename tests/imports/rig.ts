import { DatabaseSync } from "node:sqlite";
import { buildCli, runCli } from "../../src/cli/run.ts";
import type { Streams } from "../../src/cli/streams.ts";
import { importCommands } from "../../src/imports/commands.ts";
import type { TestApp } from "../harness.ts";

/** Seconds since 1970 of the clock that tests begin with. */
export const now = Date.UTC(2026, 0, 1) / 1000;

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** `couplet import prosody` and these arguments, in this process. */
export async function importProsody(
  app: TestApp,
  args: readonly string[],
  { isWatched = false } = {},
): Promise<Said> {
  const said: Said = { code: 0, stdout: "", stderr: "" };
  const streams: Streams = {
    stdin: () => new Blob([]).stream(),
    write: (text) => Promise.resolve(void (said.stdout += text)),
    say: (text) => void (said.stderr += text),
    isWatched,
  };
  const commands = importCommands(async (_, work) => work(await app.services.imports()), streams);
  said.code = await runCli(buildCli(commands, "0"), ["import", "prosody", ...args], {
    stdout: { write: (text) => void (said.stdout += text) },
    stderr: { write: streams.say },
  });
  return said;
}

/** A data folder of Prosody's with these files: `example%2eorg/invite_token.dat` → its text. */
export async function dataFolder(app: TestApp, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = `${app.dir}/prosody`;
  for (const [name, text] of Object.entries(files)) {
    const path = `${dir}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  return dir;
}

/** A database as mod_storage_sql makes it, with rows of host, user, store, key, type and value. */
export function sqliteFile(app: TestApp, rows: readonly (readonly string[])[]): string {
  const path = `${app.dir}/prosody.sqlite`;
  using sqlite = new DatabaseSync(path);
  const columns = ["host", "user", "store", "key", "type", "value"].map((name) => `"${name}" TEXT NOT NULL`);
  sqlite.exec(`create table "prosody" (${columns});
    create index "prosody_index" on "prosody" ("host", "user", "store", "key")`);
  const insert = sqlite.prepare("insert into prosody values (?, ?, ?, ?, ?, ?)");
  for (const row of rows) insert.run(...row);
  return path;
}

/** Every row of every table that an import may touch. */
export const dump = (app: TestApp): string => {
  using sqlite = new DatabaseSync(`${app.dir}/couplet.db`, { readOnly: true });
  return JSON.stringify(
    sqlite.prepare("select name from sqlite_schema where type = 'table' order by name").all()
      .map(({ name }) => [name, sqlite.prepare(`select * from "${name}"`).all()]),
  );
};

/** A record as mod_invites writes it, after `members`, each a line of Lua, took the place of the usual ones. */
export function record(token: string, members: Readonly<Record<string, string | undefined>> = {}): string {
  const all = {
    type: '"register"',
    jid: '"example.org"',
    token: `"${token}"`,
    uri: `"xmpp:example.org?register;preauth=${token}"`,
    landing_page: `"http://example.org:5280/invites_page?${token}"`,
    allow_registration: "true",
    created_at: String(now - 3_600),
    expires: String(now + 3_600),
    ...members,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `\t\t["${name}"] = ${value};\n`);
  return `\t["${token}"] = {\n${lines.join("")}\t};\n`;
}

export const file = (...entries: string[]): string => `return {\n${entries.join("")}};\n`;

/** A token of 24 characters that is easily recognised. */
export const token = (name: string): string => `${name}${"-".repeat(24)}`.slice(0, 24);
