import { DatabaseSync } from "node:sqlite";
import { randomId, systemRandom } from "../../src/core/token.ts";
import type { Bench, Row } from "./bench.ts";
import { show } from "./bench.ts";
import { type CommandRun, runImport } from "./import_command.ts";
import { host } from "./sides.ts";

/** The real command on a data folder and an SQLite file as Prosody has them; `COUPLET_BENCH_INVITES=N` for others. */
export const inviteImport: Bench = {
  brief: "bringing in Prosody's pending invites, and finding them all there the second time",
  async run({ flags }) {
    const count = Number(Deno.env.get("COUPLET_BENCH_INVITES") ?? 100_000);
    const dir = await Deno.makeTempDir({ prefix: "couplet-import-" });
    try {
      const records = Array.from({ length: count }, (_, i) => record(i));
      await makeFolder(`${dir}/folder`, records);
      makeSqlite(`${dir}/sqlite`, records);
      await new Deno.Command("sync").output(); // writing that back is no part of what follows
      const bring = async (source: string, dataDir: string, part: string) => {
        const run = await runImport(["import", "prosody", `${dir}/${source}`], `${dir}/${dataDir}`, flags);
        if (run.said.hosts[host].invites[part] !== count) throw new Error("Invites are missing.");
        return run;
      };
      const folder = await bring("folder", "a", "imported");
      const again = await bring("folder", "a", "there_already");
      const sqlite = await bring("sqlite", "b", "imported");
      const row = (name: string, { seconds, memory }: CommandRun): Row => ({
        ...{ name: `${name}, ${show(count)} invites`, unit: "s", values: [seconds] },
        also: { memory: `${show(memory)} MB`, rate: `${show(count / seconds)}/s` },
      });
      return {
        rows: [row("from a data folder", folder), row("the second time", again), row("from SQLite", sqlite)],
        goals: [
          { name: "from a data folder", value: folder.seconds, unit: "s", wanted: { below: 10 } },
          { name: "from SQLite", value: sqlite.seconds, unit: "s", wanted: { below: 10 } },
        ],
      };
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
};

const now = Math.floor(Date.now() / 1000);

/** As mod_invites keeps one that mod_invites_api made. */
function record(i: number) {
  const token = randomId(systemRandom, 18);
  return {
    ...{ type: "register", jid: host, token, allow_registration: true },
    uri: `xmpp:${host}?register;preauth=${token}`,
    landing_page: `https://chat.${host}/invites_page?${token}`,
    additional_data: { source: "api/token/wDFwS2sKxg3Z" },
    ...{ created_at: now - i % 86_400, expires: now + 604_800 },
  };
}

type Kept = ReturnType<typeof record>;

async function makeFolder(dir: string, records: readonly Kept[]): Promise<void> {
  const folder = `${dir}/${host.replaceAll(".", "%2e")}`;
  await Deno.mkdir(folder, { recursive: true });
  const lines = records.map(({ token, additional_data, ...members }) =>
    `\t["${token}"] = {\n\t\t["token"] = "${token}";\n` +
    Object.entries(members).map(([name, value]) => `\t\t["${name}"] = ${JSON.stringify(value)};\n`).join("") +
    `\t\t["additional_data"] = {\n\t\t\t["source"] = "${additional_data.source}";\n\t\t};\n\t};\n`
  );
  await Deno.writeTextFile(`${folder}/invite_token.dat`, `return {\n${lines.join("")}};\n`);
}

function makeSqlite(file: string, records: readonly Kept[]): void {
  using sqlite = new DatabaseSync(file);
  sqlite.exec(`pragma synchronous = off; begin;
    create table prosody (host text, user text, store text, key text, type text, value text);
    create unique index prosody_unique_index on prosody (host, user, store, key)`);
  const insert = sqlite.prepare(`insert into prosody values ('${host}', '', 'invite_token', ?, 'json', ?)`);
  for (const one of records) insert.run(one.token, JSON.stringify(one));
  sqlite.exec("commit");
}
