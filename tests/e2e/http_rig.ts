import { DatabaseSync } from "node:sqlite";
import { startCouplet } from "./daemon.ts";

/** A running daemon for example.org and example.net, and what a web developer has: keys, and requests to it. */
export interface HttpRig extends AsyncDisposable {
  /** Makes a key with the program, as `keys create HOST` and these arguments. */
  key(host?: string, ...args: string[]): Promise<string>;
  /** One request, to a path of example.org or to a whole URL, whose authority becomes the Host. */
  fetch(path: string, init?: RequestInit & { key?: string }): Promise<Response>;
  /** The rows of the daemon's invites. */
  invites(): Record<string, unknown>[];
}

export async function startHttpRig(toml?: string): Promise<HttpRig> {
  const dir = await Deno.makeTempDir({ prefix: "couplet-http-" });
  await Deno.writeTextFile(`${dir}/couplet.toml`, toml ?? "");
  const daemon = await startCouplet({
    hosts: ["example.org", "example.net"],
    args: ["--config", `${dir}/couplet.toml`],
  });
  const client = Deno.createHttpClient({ allowHost: true });
  return {
    async key(host = "example.org", ...args) {
      return (await daemon.cli("keys", "create", host, ...args)).stdout.trim();
    },
    async fetch(path, { key, ...init } = {}) {
      const [, authority = "example.org", rest = path] = /^http:\/\/([^/]*)(.*)$/.exec(path) ?? [];
      const headers = new Headers(init.headers);
      headers.set("host", authority);
      if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
      return await fetch(daemon.url + rest, { redirect: "manual", ...init, headers, client });
    },
    invites() {
      const file = new DatabaseSync(`${daemon.dataDir}/couplet.db`, { readOnly: true });
      const rows = file.prepare("select * from invite").all();
      file.close();
      return rows;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await daemon[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
