import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { type InviteSeen, type Pair, startPair } from "./pair.ts";
import { conditionOf, xml, type XmppClient } from "./xmpp_client.ts";

const host = "example.org";
const ways = ["api", "cli", "ad-hoc", "shell"] as const;
type Way = typeof ways[number];

/** Who is there, and where invites can be made. */
interface Scene {
  readonly pair: Pair;
  readonly series: string;
  readonly admin: XmppClient;
  readonly alice: XmppClient;
}

/** A kind of invite: how each way makes one for `user`, what it then is, and what using it leads to. */
interface Kind {
  readonly make: Readonly<Partial<Record<Way, (scene: Scene, user: string) => Promise<string>>>>;
  readonly is: (user: string) => Partial<InviteSeen> & { readonly register?: boolean; readonly for?: string };
  readonly use: (scene: Scene, token: string, user: string) => Promise<void>;
  /** There is an account of the user's already. */
  readonly isOld?: true;
}

const api = (json: (user: string) => unknown) => async ({ pair }: Scene, user: string) =>
  (await pair.invite(json(user))).token;

const cli = (...flags: string[]) => async ({ pair }: Scene, user: string) => {
  const words = flags.map((flag) => flag.replace("USER", user));
  const { code, stdout, stderr } = await pair.couplet.cli("invites", "create", host, ...words, "--json");
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as InviteSeen).token;
};

const adHoc =
  (who: "admin" | "alice", node: string, fields?: (user: string) => Record<string, string>) =>
  async (scene: Scene, user: string) => {
    const form = await scene[who].command(host, node, fields?.(user));
    return /preauth=([\w-]+)/.exec(form.uri ?? "")?.[1] ?? "";
  };

/** A line for `prosodyctl shell`, or the words of another command of prosodyctl's; one for 0.12, one for 13. */
const shell = (old: string | string[], young: string) => async ({ pair, series }: Scene, user: string) => {
  const words = series !== "0.12" ? ["shell", young] : typeof old === "string" ? ["shell", old] : old;
  const { stdout, stderr } = await pair.prosody.ctl(...words.map((word) => word.replaceAll("USER", user)));
  return /(?:\/invite\/|preauth=)([\w-]+)/.exec(stdout)?.[1] ?? assert.fail(stdout + stderr);
};

/** Makes an account with it, after somebody else could not; it is of no use to anybody afterwards. */
async function registers({ pair }: Scene, token: string, user: string, others: string[] = []): Promise<void> {
  await using guest = await pair.guest(token);
  for (const other of others) {
    assert.equal(conditionOf(await guest.register(other, "a secret")), "not-allowed");
  }
  assert.equal(conditionOf(await guest.register(user, "a secret")), undefined);
  assert.equal(await pair.canLogIn(user), true);
}

async function subscribes({ pair }: Scene, token: string, user: string): Promise<void> {
  await using guest = await pair.stream();
  assert.equal(conditionOf(await guest.preauth(token)), "forbidden");
  await using client = await pair.user(user);
  await client.roster();
  await client.sendPresence();
  const preauth = xml("preauth", { xmlns: "urn:xmpp:pars:0", token });
  await client.sendPresence({ to: `alice@${host}`, type: "subscribe" }, preauth);
  await client.next((stanza) => stanza.attrs.type === "subscribed");
  assert.equal((await client.roster())[`alice@${host}`]?.subscription, "to");
}

async function resets({ pair }: Scene, token: string, user: string): Promise<void> {
  await using before = await pair.user(user);
  await using guest = await pair.guest(token);
  assert.equal(conditionOf(await guest.register("alice", "mine now")), "not-allowed");
  assert.equal(conditionOf(await guest.register(user, "another")), undefined);
  await assert.rejects(before.next(() => false), /ended the stream.*reset/);
  assert.deepEqual([await pair.canLogIn(user), await pair.canLogIn(user, "another")], [false, true]);
}

const createAccount = "urn:xmpp:invite#create-account";
const kinds: Readonly<Record<string, Kind>> = {
  "account": {
    make: {
      "api": api(() => ({})),
      "cli": cli(),
      "ad-hoc": adHoc("admin", createAccount, () => ({})),
      "shell": shell(["mod_invites", "generate", host], `invite:create_account("${host}")`),
    },
    is: () => ({ type: "account", jid: host, max_uses: 1 }),
    use: registers,
  },
  "named": {
    make: {
      "api": api((username) => ({ username })),
      "cli": cli("--username", "USER"),
      "ad-hoc": adHoc("admin", createAccount, (username) => ({ username })),
      "shell": shell(...both(`invite:create_account("USER@${host}")`)),
    },
    is: (user) => ({ type: "account", jid: `${user}@${host}`, max_uses: 1 }),
    use: (scene, token, user) => registers(scene, token, user, ["eve"]),
  },
  "befriending": {
    make: {
      "api": api(() => ({ contact: "admin", register: true })),
      "cli": cli("--contact", "admin", "--register"),
      "ad-hoc": adHoc("admin", "urn:xmpp:invite#invite"),
      "shell": shell(
        `invite:create_contact("admin@${host}", true)`,
        `invite:create_contact("admin@${host}", { allow_registration = true })`,
      ),
    },
    is: () => ({ type: "contact", jid: `admin@${host}`, register: true, max_uses: 1 }),
    async use(scene, token, user) {
      await registers(scene, token, user);
      assert.equal((await scene.admin.roster())[`${user}@${host}`]?.subscription, "both");
    },
  },
  "befriending by name": {
    make: {
      "api": api((user) => ({ contact: "admin", register: true, for: `${user}@${host}` })),
      "cli": cli("--contact", "admin", "--register", "--for", `USER@${host}`),
      "ad-hoc": adHoc("admin", createAccount, (username) => ({ username, "roster-subscription": "true" })),
    },
    is: (user) => ({
      type: "contact",
      jid: `admin@${host}`,
      register: true,
      for: `${user}@${host}`,
      max_uses: 1,
    }),
    async use(scene, token, user) {
      await registers(scene, token, user, ["eve"]);
      assert.equal((await scene.admin.roster())[`${user}@${host}`]?.subscription, "both");
    },
  },
  "contact": {
    make: {
      "api": api(() => ({ contact: "alice" })),
      "cli": cli("--contact", "alice"),
      "ad-hoc": adHoc("alice", "urn:xmpp:invite#invite"),
      "shell": shell(...both(`invite:create_contact("alice@${host}")`)),
    },
    is: () => ({ type: "contact", jid: `alice@${host}`, register: false, max_uses: 1 }),
    use: subscribes,
    isOld: true,
  },
  "reset": {
    make: {
      "api": api((reset) => ({ reset })),
      "cli": cli("--reset", "USER"),
      "ad-hoc": adHoc("admin", "urn:couplet:invite#password-reset", (user) => ({
        accountjid: `${user}@${host}`,
      })),
      "shell": shell(
        ["mod_invites", "generate", host, "--reset", "USER"],
        `invite:create_reset("USER@${host}")`,
      ),
    },
    is: (user) => ({ type: "reset", jid: `${user}@${host}`, max_uses: 1 }),
    use: resets,
    isOld: true,
  },
};

function both(line: string): [string, string] {
  return [line, line];
}

onEachProsody(
  "every kind of invite is the same thing whichever way it was made, and works once",
  async (install) => {
    await using pair = await startPair(install);
    for (const name of ["admin", "alice"]) await pair.account(name);
    await using admin = await pair.user("admin");
    await using alice = await pair.user("alice");
    const scene = { pair, series: install.series, admin, alice };
    for (const [name, { make, is, use, isOld }] of Object.entries(kinds)) {
      for (const way of ways) {
        const what = `${name} by ${way}`;
        const user = `${name}-${way}`.replaceAll(" ", "-");
        if (isOld) await pair.account(user);
        const token = await make[way]?.(scene, user);
        if (token === undefined) continue; // Prosody's shell has no word for it
        const expected = { ...is(user), state: "pending", uses: 0 };
        const seen = await pair.look(token);
        const same = Object.keys(expected).map((key) => [key, seen[key as keyof InviteSeen]]);
        assert.deepEqual(Object.fromEntries(same), expected, what);
        assert.equal(seen.landing_page, `${pair.couplet.url}/invite/${token}`, what);
        await use(scene, token, user);
        const { state, uses, redeemed_by } = await pair.look(token);
        assert.deepEqual(
          [state, uses, redeemed_by?.map(({ jid }) => jid)],
          ["used", 1, [`${user}@${host}`]],
          what,
        );
        await using late = await pair.stream();
        assert.equal(conditionOf(await late.preauth(token)), "forbidden", what);
      }
    }
  },
);

onEachProsody(
  "an invite without end or limit is good again and again, and Prosody can show it",
  async (install) => {
    await using pair = await startPair(install);
    for (const name of ["admin", "alice"]) await pair.account(name);
    await using admin = await pair.user("admin");
    await using alice = await pair.user("alice");
    const scene = { pair, series: install.series, admin, alice };
    const tokens = [
      await api(() => ({ ttl: "never", max_uses: null }))(scene, ""),
      await cli("--ttl", "never", "--uses", "unlimited")(scene, ""),
      await adHoc("admin", createAccount, () => ({ "ttl": "never", "max-uses": "unlimited" }))(scene, ""),
    ];
    for (const [i, token] of tokens.entries()) {
      for (const n of [1, 2]) await registers(scene, token, `user${i}${n}`);
      const seen = await pair.look(token) as InviteSeen & { expires_at: string | null };
      assert.deepEqual([seen.state, seen.uses, seen.max_uses, seen.expires_at], ["pending", 2, null, null]);
      if (install.series !== "0.12") {
        const shown = await pair.prosody.ctl("shell", "invite", "show", host, token);
        assert.match(shown.stdout, /Expires:\s+9999-01-01/);
      }
    }
  },
);

onEachProsody("a paused invite is refused until it is resumed, whoever shows it", async (install) => {
  await using pair = await startPair(install);
  const { token } = await pair.invite();
  await using early = await pair.guest(token);
  const paused = await pair.couplet.cli("invites", "pause", host, token, "--json");
  assert.equal((JSON.parse(paused.stdout) as InviteSeen).state, "paused", paused.stderr);
  assert.equal(conditionOf(await early.register("bob", "a secret")), "not-allowed");
  await using late = await pair.stream();
  assert.equal(conditionOf(await late.preauth(token)), "forbidden");
  assert.equal(await pair.canLogIn("bob"), false);
  assert.equal((await pair.api("PATCH", `/${token}`, { paused: false })).status, 200);
  assert.equal(conditionOf(await early.register("bob", "a secret")), undefined);
  const again = await pair.couplet.cli("invites", "resume", host, token);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is used\. Make a new one\./);
});
