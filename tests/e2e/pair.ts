import assert from "node:assert/strict";
import type { ProsodyInstall } from "../setup/prosody.ts";
import { type CoupletDaemon, startCouplet } from "./daemon.ts";
import type { ProsodyOptions } from "./prosody_config.ts";
import { type ProsodyServer, startProsody } from "./prosody_server.ts";
import { conditionOf, connect, type XmppClient } from "./xmpp_client.ts";

/** What we look at of an invite as `/v1/invites` shows it. */
export interface InviteSeen {
  readonly id: string;
  readonly token: string;
  readonly type: string;
  readonly jid: string;
  readonly uri: string;
  readonly landing_page: string;
  readonly state: string;
  readonly uses: number;
  readonly max_uses: number | null;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly redeemed_by?: readonly { readonly jid: string; readonly at: string }[];
}

/** A daemon and a Prosody that are linked, and a key of each host that may do all with invites and rosters. */
export interface Pair extends AsyncDisposable {
  readonly couplet: CoupletDaemon;
  readonly prosody: ProsodyServer;
  /** One request to `/v1/invites` + path with the host's key. */
  api(method: string, path?: string, body?: unknown, host?: string): Promise<Response>;
  /** One request to `/v1` + path with the host's key. */
  rosterApi(method: string, path: string, body?: unknown, host?: string): Promise<Response>;
  /** Makes an invite over HTTP. */
  invite(request?: unknown, host?: string): Promise<InviteSeen>;
  /** One invite as it stands now, by token or id. */
  look(token: string, host?: string): Promise<InviteSeen>;
  /** A new stream, not logged in. */
  stream(host?: string): Promise<XmppClient>;
  /** A new stream that has shown this token. */
  guest(token: string, host?: string): Promise<XmppClient>;
  /** Makes an account with prosodyctl, password "a secret". */
  account(username: string, host?: string): Promise<void>;
  /** A new stream that is logged in. */
  user(username: string, password?: string, host?: string, resource?: string): Promise<XmppClient>;
  /** Whether this name and password log in. */
  canLogIn(username: string, password?: string, host?: string): Promise<boolean>;
  /** Waits until a daemon that was started again has its Prosody back. */
  linkedAgain(): Promise<void>;
}

/** Starts both, waits until they are linked, and makes the keys. */
export async function startPair(
  install: ProsodyInstall,
  options: Omit<ProsodyOptions, "socket"> & { env?: Record<string, string>; toml?: string } = {},
): Promise<Pair> {
  const { env = {}, toml, ...settings } = options;
  const { hosts = ["example.org"] } = settings;
  await using stack = new AsyncDisposableStack();
  const args = toml === undefined ? [] : ["--config", await tomlFile(stack, toml)];
  const couplet = stack.use(await startCouplet({ hosts, scratch: install.scratch, env, args }));
  const prosody = stack.use(await startProsody(install, { ...settings, socket: couplet.socket }));
  const links = () => prosody.log().split("Linked to Couplet").length - 1;
  await eventually(() => links() === hosts.length);
  const keys = new Map<string, string>();
  for (const host of hosts) keys.set(host, await makeKey(couplet, host));
  const first = hosts[0] ?? "";
  const http = stack.use(Deno.createHttpClient({ allowHost: true })); // `Host` says which domain is meant
  const started = stack.move();

  const rosterApi: Pair["rosterApi"] = (method, path, body, host = first) =>
    fetch(`${couplet.url}/v1${path}`, {
      ...{ client: http, method },
      headers: { host, authorization: `Bearer ${keys.get(host)}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const pair: Pair = {
    ...{ couplet, prosody, rosterApi },
    api: (method, path = "", body, host) => rosterApi(method, `/invites${path}`, body, host),
    async invite(request = {}, host) {
      const response = await pair.api("POST", "", request, host);
      assert.equal(response.status, 201, await response.clone().text());
      return await response.json();
    },
    async look(token, host) {
      const response = await pair.api("GET", `/${token}`, undefined, host);
      assert.equal(response.status, 200, await response.clone().text());
      return await response.json();
    },
    stream: (host = first) => connect(host, prosody.c2sPort),
    async guest(token, host) {
      const client = await pair.stream(host);
      assert.equal(conditionOf(await client.preauth(token)), undefined, "the token was refused");
      return client;
    },
    async account(username, host = first) {
      const made = await prosody.ctl("register", username, host, "a secret");
      assert.equal(made.code, 0, made.stdout + made.stderr);
    },
    async user(username, password = "a secret", host, resource) {
      const client = await pair.stream(host);
      assert.equal(
        conditionOf(await client.login(username, password, resource)),
        undefined,
        `${username} cannot log in`,
      );
      return client;
    },
    async canLogIn(username, password = "a secret", host) {
      await using client = await pair.stream(host);
      const condition = conditionOf(await client.login(username, password));
      assert.ok(condition === undefined || condition === "not-authorized", condition);
      return condition === undefined;
    },
    async linkedAgain() {
      await couplet.logged("Prosody is linked");
      await eventually(() =>
        links() >= prosody.log().split("The link to Couplet is gone").length - 1 + hosts.length
      );
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
  return pair;
}

async function tomlFile(stack: AsyncDisposableStack, text: string): Promise<string> {
  const path = await Deno.makeTempFile({ prefix: "couplet-", suffix: ".toml" });
  stack.defer(() => Deno.remove(path));
  await Deno.writeTextFile(path, text);
  return path;
}

const scopesOf = {
  invites: ["create", "read", "revoke", "reset"],
  rosters: ["read", "write"],
  groups: ["read", "write"],
};

/** A key of this host that may do everything with invites, rosters and groups. */
export async function makeKey(couplet: CoupletDaemon, host: string): Promise<string> {
  const names = Object.entries(scopesOf).flatMap(([of, all]) => all.map((name) => `${of}:${name}`));
  const scopes = names.flatMap((name) => ["--scope", name]);
  const { code, stdout, stderr } = await couplet.cli("keys", "create", host, ...scopes);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** Asks again and again until it is true. @throws Error after `timeout` ms */
export async function eventually(isTrue: () => boolean | Promise<boolean>, timeout = 10_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!await isTrue()) {
    if (performance.now() > end) throw new Error(`This did not become true in ${timeout} ms: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The condition and the text of a refusal, as `condition: text`; nothing, if the answer is a good one. */
export function refusalOf(reply: Parameters<typeof conditionOf>[0]): string | undefined {
  const condition = conditionOf(reply);
  return condition && `${condition}: ${reply.getChild("error")?.getChildText("text") ?? ""}`;
}
