import assert from "node:assert/strict";

/**
 * Who may import whom, as data: a room is a folder, or a file where that says more. `own` stands for the feature's
 * own folder. Anything that is not listed is not allowed; npm and node packages are free.
 */
const features = [
  ...["keys", "invites", "rosters", "data", "groups", "registration", "people", "campaigns", "webhooks"],
  ...["imports", "landing"],
];
const rules: Record<string, readonly string[]> = {
  core: ["core"],
  settings: ["core", "settings"],
  hosts: ["core", "config"],
  config: ["core", "settings"],
  store: ["core", "store"],
  channel: ["core", "channel"],
  web: ["core", "web"],
  http: ["core", "http"],
  outbound: ["core", "outbound"],
  cli: ["core", "cli", "config"],
  build: ["build", "settings"],
  "prosody/prosody": ["core", "prosody/stored_data"],
  "prosody/stored_data": [],
  "prosody/data_over_channel": ["core", "channel", "prosody/stored_data"],
  "prosody/data_over_daemon": ["channel", "prosody/stored_data"],
  "prosody/register_over_channel": ["core", "channel", "prosody/prosody"],
  "prosody/over_channel": [
    ...["core", "channel", "prosody/prosody", "prosody/data_over_channel", "prosody/register_over_channel"],
  ],
  "prosody/data_folder": ["core"],
  "prosody/data_sql": ["core", "prosody/data_folder"],
  "prosody/source": ["core", "prosody/data_folder", "prosody/data_sql"],
  "prosody/stored_rosters": ["core", "channel", "prosody/data_folder", "prosody/source"],
  "prosody/commands": ["cli", "core", "prosody/lua_modules"],
  "prosody/lua_modules": ["prosody/lua"],
  "feature/store": ["core", "store", "prosody/prosody", "own/rules"],
  "feature/rules": [
    "core",
    "own/store",
    "own/rules",
    "store/database",
    "prosody/prosody",
    "prosody/stored_data",
    "outbound",
    "hosts",
    "feature/rules",
  ],
  "feature/page": ["core", "web", "own/rules", "own/page"],
  "feature/routes": ["core", "http", "web", "own/rules", "own/page", "own/routes"],
  "feature/stanzas": ["core", "channel", "web", "prosody/stored_data", "own/rules"],
  "feature/commands": [
    "core",
    "cli",
    "own/rules",
    "own/commands",
    "prosody/source",
    "prosody/stored_rosters",
  ],
  services: [
    "core",
    "config",
    "http",
    "store/database",
    "web",
    "channel",
    "prosody/prosody",
    "prosody/stored_data",
    "outbound",
    "hosts",
    "http",
    "feature/rules",
  ],
  app: ["core", "http", "web", "channel", "services", "feature/rules", "feature/routes", "feature/stanzas"],
  open: ["services", "config", "core", "outbound", "store/database", "prosody/prosody"],
  serve: ["app", "open", "config", "core", "http", "channel", "prosody/over_channel"],
};

/** Which rule holds for a file of src, and which feature it belongs to. */
function roomOf(path: string): { room: string; feature?: string } {
  const [folder = "", file = ""] = path.replace(/\.tsx?$|\.lua$/, "").split("/");
  if (path.endsWith(".lua")) return { room: "prosody/lua" };
  if (features.includes(folder)) {
    const edge = ["store", "page", "routes", "stanzas", "commands"].find((name) =>
      file === name || file.endsWith(`_${name}`)
    );
    return { room: `feature/${edge ?? "rules"}`, feature: folder };
  }
  if (folder === "prosody" || (folder === "store" && file === "database")) {
    return { room: `${folder}/${file}` };
  }
  return { room: folder };
}

function mayImport(from: string, to: string): boolean {
  const [{ room, feature }, target] = [roomOf(from), roomOf(to)];
  const allowed = rules[room] ?? rules[room.split("/")[0] ?? ""] ?? [];
  const own = target.feature !== undefined && target.feature === feature;
  return allowed.some((rule) =>
    rule.startsWith("own/")
      ? own && `feature/${rule.slice(4)}` === target.room
      : rule === target.room || rule === target.room.split("/")[0]
  );
}

async function* sources(dir: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(dir)) {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

Deno.test("every import in src is one that the house allows", async () => {
  const wrong: string[] = [];
  let seen = 0;
  for await (const path of sources("src")) {
    const text = await Deno.readTextFile(path);
    for (const [, target = ""] of text.matchAll(/from "(\.[^"]+)"/g)) {
      if (target.endsWith("/deno.json")) continue; // its version and pins are everybody's to know
      const resolved = new URL(target, `file:///${path}`).pathname.slice(1);
      seen++;
      if (!resolved.startsWith("src/") || !mayImport(path.slice(4), resolved.slice(4))) {
        wrong.push(`${path} imports ${target}`);
      }
    }
  }
  assert.ok(seen > 100, "the imports were not found");
  assert.deepEqual(wrong, []);
});

Deno.test("the rules refuse what they are there to refuse", () => {
  for (
    const [from, to] of [
      ["core/jid.ts", "config.ts"],
      ["invites/invites.ts", "http/auth.ts"],
      ["invites/routes.ts", "invites/store.ts"],
      ["invites/invites.ts", "keys/store.ts"],
      ["keys/commands.ts", "store/database.ts"],
      ["channel/dispatch.ts", "invites/invites.ts"],
    ] as const
  ) assert.ok(!mayImport(from, to), `${from} -> ${to}`);
});

Deno.test("only main.ts reads arguments and environment, and ends the process; no file is long", async () => {
  for await (const path of sources("src")) {
    const text = await Deno.readTextFile(path);
    if (!path.startsWith("src/build/")) assert.ok(!/Deno\.(args|exit|env)\b/.test(text), path);
    const isTable = path.startsWith("src/web/languages/"); // all that is said in one language
    assert.ok(isTable || text.split("\n").length <= 251, `${path} has more than 250 lines`);
  }
});
