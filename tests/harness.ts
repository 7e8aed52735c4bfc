import { createApp, createStanzas } from "../src/app.ts";
import { createServices, type Services } from "../src/services.ts";
import { operator } from "../src/core/actor.ts";
import { createDispatch, type Session } from "../src/channel/dispatch.ts";
import { controlNs, type Element, xml } from "../src/channel/stanza.ts";
import { readConfig } from "../src/config.ts";
import { systemRandom } from "../src/core/token.ts";
import { createOutbound, type OutboundNeeds } from "../src/outbound/outbound.ts";
import type { Lookup } from "../src/outbound/guarded.ts";
import { absent, type Prosody } from "../src/prosody/prosody.ts";
import { type Database, openDatabase } from "../src/store/database.ts";

export interface TestApp extends AsyncDisposable {
  readonly services: Services;
  readonly database: Database;
  readonly dir: string;
  /** Moves the clock, ms. */
  advance(by: number): void;
  now(): number;
  /** A key of example.org, unless told otherwise, with these scopes. */
  key(options?: Parameters<Services["keys"]["create"]>[1] & { host?: string }): Promise<string>;
  /** Makes groups of example.org, whose names are their ids. */
  groups(...ids: string[]): Promise<void>;
  /** One HTTP request to `http://example.org` + path, or to a whole URL, `from` an address. */
  fetch(
    path: string,
    init?: RequestInit & { key?: string; json?: unknown; from?: string },
  ): Promise<Response>;
  /** One iq as Prosody's driver sends it. */
  iq(type: "get" | "set", to: string, child: Element, session?: Session): Promise<Element>;
}

/** Everything but sockets and processes, on a database of its own. */
export async function createTestApp(
  { toml = "", prosody = {}, hosts = ["example.org", "example.net"], outbound = {}, lookup }: {
    toml?: string;
    prosody?: Partial<Prosody>;
    hosts?: string[];
    outbound?: Partial<OutboundNeeds>;
    lookup?: Lookup;
  } = {},
): Promise<TestApp> {
  const dir = await Deno.makeTempDir({ prefix: "couplet-test-" });
  const file = { name: "test.toml", text: toml };
  const named = toml.includes("[hosts.") ? {} : { COUPLET_HOSTS: hosts.join(",") }; // which would beat the file
  const config = readConfig({ file, env: { COUPLET_DATA_DIR: dir, ...named } });
  const database = await openDatabase(`${dir}/couplet.db`);
  let time = Date.UTC(2026, 0, 1);
  const secretKey = new Uint8Array(32).fill(7);
  const services = createServices({
    ...{ config, database, secretKey, prosody: { ...absent, ...prosody } },
    outbound: createOutbound({ log: { info: () => {}, warn: () => {} }, tries: 1, ...outbound }),
    clock: () => time,
    floor: 0,
    random: systemRandom,
    ...(lookup && { lookup }),
  });
  const app = createApp(services, () => Promise.resolve(true));
  const dispatch = createDispatch(createStanzas(services), (host) => hosts.includes(host));
  return {
    services,
    database,
    dir,
    advance: (by) => time += by,
    now: () => time,
    key: async ({ host = "example.org", ...options } = {}) => (await services.keys.create(host, options)).key,
    async groups(...ids) {
      for (const id of ids) await services.groups.create(operator("example.org"), { id, name: id });
    },
    async fetch(path, { key, json, from, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
      if (json !== undefined) headers.set("content-type", "application/json");
      const body = json === undefined ? init.body : JSON.stringify(json);
      const url = path.startsWith("/") ? `http://example.org${path}` : path;
      const request = new Request(url, { ...init, headers, ...(body != null && { body }) });
      return await app.fetch(
        request,
        from === undefined ? {} : { remoteAddr: { transport: "tcp", hostname: from, port: 50_000 } },
      );
    },
    iq: (
      type,
      to,
      child,
      session = { role: "lookup", host: to.split("@").at(-1)!, server: "Prosody 13.0.1" },
    ) => dispatch(xml("iq", { type, id: "1", to }, child), session),
    async [Symbol.asyncDispose]() {
      await services.upstream.settled();
      await services.settling.settled();
      await services.pushes.settled();
      services.deliveries.stop();
      await services.deliveries.settled();
      await database.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** An element of our own namespace. */
export const control = (
  name: string,
  attrs: Record<string, string | undefined> = {},
  ...children: string[]
) => xml(name, { xmlns: controlNs, ...attrs }, ...children);

/** The defined condition of an error reply (RFC 6120, 8.3.3), or `undefined` if it is none. */
export const conditionOf = (iq: Element): string | undefined =>
  iq.attrs.type === "error" ? iq.getChild("error")?.getChildElements()[0]?.name : undefined;
