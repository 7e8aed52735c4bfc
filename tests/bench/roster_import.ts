import { DatabaseSync } from "node:sqlite";
import { writeRoster } from "../../src/prosody/stored_rosters.ts";
import { createRosterRecords } from "../../src/rosters/records.ts";
import { openDatabase } from "../../src/store/database.ts";
import type { Bench, Row } from "./bench.ts";
import { median, show } from "./bench.ts";
import { runImport } from "./import_command.ts";
import { host } from "./sides.ts";

const contacts = 50;
const few = 500; // users of the store that lookups are compared with
const lookups = 2_000;

/** The real command on a data folder and an SQLite file as Prosody has them; `COUPLET_BENCH_USERS=100000` for more. */
export const rosterImport: Bench = {
  brief: "bringing in Prosody's rosters of 50 contacts",
  async run({ flags }) {
    const users = Number(Deno.env.get("COUPLET_BENCH_USERS") ?? 20_000);
    const dir = await Deno.makeTempDir({ prefix: "couplet-import-" });
    try {
      await Promise.all([makeFolder(`${dir}/folder`, users), makeFolder(`${dir}/few`, few)]);
      makeSqlite(`${dir}/sqlite`, users);
      await new Deno.Command("sync").output(); // writing that back is no part of what follows
      const folder = await bringIn(`${dir}/folder`, `${dir}/from-folder`, flags);
      const sqlite = await bringIn(`${dir}/sqlite`, `${dir}/from-sqlite`, flags);
      await bringIn(`${dir}/few`, `${dir}/from-few`, flags);
      const row = (name: string, { rate, memory, seconds }: Imported): Row => ({
        ...{ name: `${name}, ${show(users)} users`, unit: "contacts/s", values: [rate] },
        also: { took: `${show(seconds)} s`, memory: `${show(memory)} MB` },
      });
      const [before, after] = [
        await readingTimes(`${dir}/from-few`, few),
        await readingTimes(`${dir}/from-folder`, users),
      ];
      return {
        rows: [
          row("from a data folder", folder),
          row("from SQLite", sqlite),
          { name: `reading a roster of ${few}`, unit: "µs", values: before },
          { name: `reading a roster of ${show(users)}`, unit: "µs", values: after },
        ],
        goals: [
          {
            name: "from a data folder",
            value: folder.rate,
            unit: "contacts/s",
            wanted: { atLeast: 100_000 },
          },
          { name: "from SQLite", value: sqlite.rate, unit: "contacts/s", wanted: { atLeast: 100_000 } },
          {
            name: "most memory",
            value: Math.max(folder.memory, sqlite.memory),
            unit: "MB",
            wanted: { below: 300 },
          },
          {
            ...{ name: "reading, times what it takes among few", unit: "", wanted: { below: 2 } },
            value: median(after) / median(before),
          },
        ],
      };
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
};

const nameOf = (user: number, k: number) => `Contact ${user % 1_000} ${k}`;
const jidOf = (user: number, k: number) => `friend${user * 7 + k * 13}@${host}`;
const groupsOf = (k: number) => k % 2 === 0 ? ["Friends", "Work"] : ["Friends"];
const stateOf = (k: number) => k % 5 === 0 ? "to" : "both";
const each = Array.from({ length: contacts }, (_, k) => k);

async function makeFolder(dir: string, users: number): Promise<void> {
  const make = (user: number) =>
    writeRoster(dir, host, `user${user}`, {
      version: contacts,
      items: new Map(each.map((k) => [
        jidOf(user, k),
        { name: nameOf(user, k), subscription: stateOf(k), approved: false, groups: groupsOf(k) },
      ])),
      pending: new Map(),
    });
  for (let at = 0; at < users; at += 32) {
    await Promise.all(Array.from({ length: Math.min(32, users - at) }, (_, i) => make(at + i)));
  }
}

/** As mod_storage_sql keeps them: a row a contact, and one for what has no text as its key. */
function makeSqlite(file: string, users: number): void {
  using sqlite = new DatabaseSync(file);
  sqlite.exec(`pragma synchronous = off; begin;
    create table prosody (host text, user text, store text, key text, type text, value text);
    create unique index prosody_unique_index on prosody (host, user, store, key)`);
  const insert = sqlite.prepare(`insert into prosody values ('${host}', ?, 'roster', ?, 'json', ?)`);
  for (let user = 0; user < users; user++) {
    insert.run(`user${user}`, "", JSON.stringify({ __hash: [false, { version: contacts, pending: {} }] }));
    for (const k of each) {
      const groups = Object.fromEntries(groupsOf(k).map((group) => [group, true]));
      const item = { name: nameOf(user, k), subscription: stateOf(k), groups };
      insert.run(`user${user}`, jidOf(user, k), JSON.stringify(item));
    }
  }
  sqlite.exec("commit");
}

interface Imported {
  readonly rate: number;
  readonly seconds: number;
  /** The most that was resident, MB. */
  readonly memory: number;
}

async function bringIn(source: string, dataDir: string, flags: readonly string[]): Promise<Imported> {
  const { said, seconds, memory } = await runImport(["rosters", "import", host, source], dataDir, flags);
  if (said.left_out > 0) throw new Error("Contacts are missing.");
  return { rate: said.contacts / seconds, seconds, memory };
}

/** How long reading rosters all over the store takes, µs each. */
async function readingTimes(dataDir: string, users: number): Promise<number[]> {
  const database = await openDatabase(`${dataDir}/couplet.db`);
  try {
    const records = createRosterRecords({
      database,
      room: { maxItems: 1_000, maxBytes: 1 << 20 },
      emit: () => Promise.resolve(),
    });
    const times: number[] = [];
    for (let i = 0; i < lookups; i++) {
      const user = `user${(i * 7_919) % users}`;
      const started = performance.now();
      const roster = await records.read(host, user);
      times.push((performance.now() - started) * 1_000);
      if (roster?.items.size !== contacts) throw new Error(`${user} is not as it should be.`);
    }
    return times.slice(lookups / 4); // the first ones are slower while the engine compiles
  } finally {
    await database.close();
  }
}
