import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { findProsodies, pathInside, type ProsodyInstall } from "../setup/prosody.ts";
import { type CoupletDaemon, startCouplet } from "./daemon.ts";
import { eventually, makeKey } from "./pair.ts";
import { freePort } from "./process.ts";
import { type ProsodyServer, startProsody } from "./prosody_server.ts";
import { described, host, pushOf } from "./roster_rig.ts";
import { conditionOf, connect, type XmppClient } from "./xmpp_client.ts";

/** Prosody's community modules, such as a checkout of hg.prosody.im/prosody-modules. Debian's package lacks the two. */
const community = Deno.env.get("COUPLET_TEST_MODULES") ?? "/var/cache/couplet-modules";
const modules = ["http_roster_admin", "block_subscriptions"];

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

/**
 * The module as its README sets it up, on a Prosody without ours: it works on 0.12.3 and on 13.0.1, if Lua's cjson is
 * there, which it asks for by that name.
 */
interface Stock extends AsyncDisposable {
  readonly couplet: CoupletDaemon;
  readonly prosody: ProsodyServer;
  /** Changes a roster, and waits until Prosody has been told. */
  put(user: string, roster: Record<string, unknown>): Promise<void>;
  user(name: string): Promise<XmppClient>;
}

async function startStock(install: ProsodyInstall): Promise<Stock> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ dir: install.scratch, prefix: "couplet-stock-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  for (const name of modules) {
    await Deno.mkdir(`${folder}/mod_${name}`);
    await Deno.copyFile(
      `${community}/mod_${name}/mod_${name}.lua`,
      `${folder}/mod_${name}/mod_${name}.lua`,
    );
  }
  const port = freePort();
  const toml =
    `[rosters]\npolicy = "managed"\nrefresh_url = "http://127.0.0.1:${port}/roster_admin/refresh"\n`;
  await Deno.writeTextFile(`${folder}/couplet.toml`, toml);
  const couplet = stack.use(
    await startCouplet({
      hosts: [host],
      scratch: install.scratch,
      args: ["--config", `${folder}/couplet.toml`],
    }),
  );
  const key = await makeKey(couplet, host);
  const { code, stdout, stderr } = await couplet.cli("keys", "create", host, "--scope", "rosters:read");
  assert.equal(code, 0, stderr);
  const url = couplet.url.replace("//", `//${stdout.trim().replace("/", ":")}@`);
  const prosody = stack.use(
    await startProsody(install, {
      ...{ http: true, modules: [...modules, "storage_memory", "http_files"], storage: { roster: "memory" } },
      config: `plugin_paths = { "${pathInside(install, folder)}" }
modules_disabled = { "s2s"; "tls"; "roster"; "invites_register"; "invites"; "invites_adhoc"; "register_ibr" }
http_ports = { ${port} }
http_files_dir = "${pathInside(install, folder)}"
http_default_host = "${host}"
http_roster_url = "${url}/contacts/%s"`,
    }),
  );
  for (const name of ["john", "aaron"]) {
    assert.equal((await prosody.ctl("register", name, host, "a secret")).code, 0);
  }
  const clients = stack.use(new AsyncDisposableStack());
  const started = stack.move();
  let puts = 0;
  return {
    ...{ couplet, prosody },
    async put(user, roster) {
      const response = await fetch(`${couplet.url}/v1/rosters/${user}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(roster),
      });
      assert.equal(response.status, 200, await response.text());
      // The module never answers when it is told of somebody who has logged in and not sent presence yet.
      puts++;
      await eventually(() => told(couplet) === puts);
    },
    async user(name) {
      const client = clients.use(await connect(host, prosody.c2sPort));
      assert.equal(conditionOf(await client.login(name, "a secret")), undefined);
      return client;
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** How many changes Prosody has been told of. */
function told({ dataDir }: CoupletDaemon): number {
  const file = new DatabaseSync(`${dataDir}/couplet.db`, { readOnly: true });
  const row = file.prepare(
    "select (select max(seq) from sqlite_sequence where name = 'roster_untold') - " +
      "(select count(*) from roster_untold) as n",
  ).get();
  file.close();
  return Number(row?.n);
}

async function onEachStock(name: string, test: (stock: Stock) => Promise<void>): Promise<void> {
  const hasModules = (await Promise.all(modules.map((name) => exists(`${community}/mod_${name}`)))).every(
    Boolean,
  );
  const installs = hasModules ? await findProsodies() : [];
  for (const install of installs) {
    const ignore = !await exists(`${install.root}/usr/share/doc/lua-cjson`);
    Deno.test({
      name: `${name} (Prosody ${install.version}${ignore ? ", no lua-cjson" : ""})`,
      ignore,
      async fn() {
        await using stock = await startStock(install);
        await test(stock);
      },
    });
  }
  if (installs.length === 0) {
    Deno.test({ name: `${name} (no mod_http_roster_admin in ${community})`, ignore: true, fn: () => {} });
  }
}

await onEachStock(
  "the stock mod_http_roster_admin has its rosters from Couplet, and clients hear of changes",
  async ({ put, user, prosody, couplet }) => {
    const [aaron, marie, max] = ["aaron", "marie", "max"].map((name) => `${name}@${host}`) as [
      string,
      string,
      string,
    ];
    await put("john", { [aaron]: { name: "Aaron", groups: ["Work", "Friends"] }, [marie]: {} });
    const john = await user("john");
    const roster = await john.roster();
    assert.deepEqual([...roster[aaron]!.groups].sort(), ["Friends", "Work"]);
    assert.deepEqual(roster, {
      [aaron]: { name: "Aaron", subscription: "both", groups: roster[aaron]!.groups },
      [marie]: { subscription: "both", groups: [] },
    });
    await john.sendPresence();
    await john.rest();

    // It pushes who is new and who is gone, and lets what is renamed wait for the next login.
    await put("john", { [aaron]: { name: "Aaron" }, [max]: { name: "Max", groups: ["New"] } });
    const heard = [
      await john.next((one) => pushOf(one) !== undefined),
      await john.next((one) => !!pushOf(one)),
    ];
    assert.deepEqual(heard.map(described).sort(), [
      `push undefined: ${marie} remove`,
      `push undefined: ${max} both "Max" New`,
    ]);
    assert.deepEqual(Object.keys(await john.roster()).sort(), [aaron, max]);

    // Who is not online counts as done, and an empty roster is one.
    await put("aaron", { [marie]: {} });
    await put("aaron", {});
    await put("john", {});
    for (let gone = 0; gone < 2;) if (pushOf(await john.next())?.contact.subscription === "remove") gone++;
    assert.deepEqual(await (await user("aaron")).roster(), {});
    assert.deepEqual(await john.roster(), {});
    assert.ok(!prosody.log().includes("Traceback") && !/error/i.test(prosody.log()), prosody.log());
    assert.ok(!couplet.log().includes("refresh_url"), couplet.log());
  },
);
