import { allocatorSettings } from "../../src/build/program.ts";
import { startCouplet } from "../e2e/daemon.ts";
import { type ProsodyServer, startProsody } from "../e2e/prosody_server.ts";
import { basic } from "../e2e/data_rig.ts";
import { alsoFrom, host, machineProsody } from "./sides.ts";

/** How Prosody keeps passwords. */
export type Authentication = "internal_hashed" | "internal_plain";

/** A server that answers `/data/`, with the same thousand users as the other. */
export interface DataSide extends AsyncDisposable {
  readonly url: string;
  readonly prosody: ProsodyServer;
}

/** Where modules lie that are in no package; the tests find theirs there too. */
const modules = Deno.env.get("COUPLET_TEST_MODULES") ?? "/var/cache/couplet-modules";
const original = `${modules}/mod_data_access/mod_data_access.lua`;

export const users = Array.from({ length: 1_000 }, (_, i) => ({
  name: `user${i}`,
  password: `of ${i} and nobody else`,
  authorization: basic(`user${i}@${host}:of ${i} and nobody else`),
}));

export const store = "settings";

/** The original, with the one line mended that is an error on Lua 5.2 and later. @throws Error without it */
export async function originalSide(authentication: Authentication): Promise<DataSide> {
  const text = await Deno.readTextFile(original).catch(() => {
    throw new Error(
      `${original} is missing: put mod_data_access of github.com/dhotson/prosody-modules there, or name the folder ` +
        "that has it in COUPLET_TEST_MODULES.",
    );
  });
  const mended = text.replace(" = unpack(path_items)", " = table.unpack(path_items)");
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "couplet-bench-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.mkdir(`${folder}/mod_data_access`);
  await Deno.writeTextFile(`${folder}/mod_data_access/mod_data_access.lua`, mended);
  const prosody = stack.use(
    await startProsody(await machineProsody(), {
      ...{ hosts: [host], http: true, modules: ["data_access", "ping"] },
      config: `${alsoFrom(folder)}\nauthentication = "${authentication}"`,
    }),
  );
  await fill(prosody);
  const started = stack.move();
  return {
    ...{ prosody, url: `http://127.0.0.1:${prosody.httpPort}` },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Ours, on a Prosody of its own that keeps data in files too. */
export async function ourSide(authentication: Authentication, flags: readonly string[]): Promise<DataSide> {
  await using stack = new AsyncDisposableStack();
  const program = [Deno.execPath(), "run", ...flags, "--frozen", "--allow-all", "main.ts"];
  const toml = await Deno.makeTempFile({ prefix: "couplet-bench-", suffix: ".toml" });
  stack.defer(() => Deno.remove(toml));
  await Deno.writeTextFile(toml, `[data]\nuser_stores = ["${store}"]\n`);
  const daemon = stack.use(
    await startCouplet({
      ...{ hosts: [host], program, args: ["--config", toml], env: allocatorSettings },
    }),
  );
  const prosody = stack.use(
    await startProsody(await machineProsody(), {
      ...{ hosts: [host], modules: ["ping"], socket: daemon.socket },
      config: `authentication = "${authentication}"`,
    }),
  );
  await prosody.logged("Linked to Couplet");
  await fill(prosody);
  const started = stack.move();
  return { prosody, url: daemon.url, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Accounts and values as Prosody keeps them. A password that is not hashed yet is hashed at its first use. */
async function fill(prosody: ProsodyServer): Promise<void> {
  const folder = `${prosody.dataDir}/${host.replace(".", "%2e")}`;
  for (const name of ["accounts", store]) await Deno.mkdir(`${folder}/${name}`, { recursive: true });
  for (const { name, password } of users) {
    await Deno.writeTextFile(`${folder}/accounts/${name}.dat`, `return { ["password"] = "${password}"; };\n`);
    const value = `{ ["theme"] = "dark"; ["of"] = "${name}"; ["sizes"] = { 12; 14; 18; }; }`;
    await Deno.writeTextFile(`${folder}/${store}/${name}.dat`, `return ${value};\n`);
  }
}
