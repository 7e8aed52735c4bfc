import assert from "node:assert/strict";
import type { ProsodyInstall } from "../setup/prosody.ts";
import { freePort } from "./process.ts";
import { type ProsodyServer, startProsody } from "./prosody_server.ts";
import { described, host, keptItem, type Stage, startStage } from "./roster_rig.ts";
import { conditionOf, connect, xml, type XmppClient } from "./xmpp_client.ts";

export const there = "elsewhere.example";

/** A pair, and a Prosody of somebody else's that keeps its rosters itself; the two speak to each other. */
export interface TwoServers extends AsyncDisposable {
  readonly stage: Stage;
  readonly remote: ProsodyServer;
  /** A client of a user of ours that has asked for the roster and is available. */
  ours(username: string): Promise<XmppClient>;
  /** The same of somebody there, with an account that is made if there is none yet. */
  theirs(username: string): Promise<XmppClient>;
  /** Waits until the servers have told each other all that they have to: a handshake takes several turns. */
  settled(): Promise<void>;
  /** What these have heard of others since they were last asked, once nothing is under way any more, in order. */
  heard(...clients: XmppClient[]): Promise<string[][]>;
  /** What a user of ours and somebody there have of each other, in short. */
  between(
    username: string,
    other: XmppClient,
  ): Promise<[ours: string | undefined, theirs: string | undefined]>;
}

export async function startTwoServers(
  install: ProsodyInstall,
  options: Parameters<typeof startStage>[1] = {},
): Promise<TwoServers> {
  await using stack = new AsyncDisposableStack();
  const routes = { [host]: freePort(), [there]: freePort() };
  const s2s = (name: keyof typeof routes) => ({ s2s: { port: routes[name], routes } });
  const starting = [
    startStage(install, { ...options, ...s2s(host) }).then((stage) => stack.use(stage)),
    startProsody(install, {
      ...{ hosts: [there], ...s2s(there) },
      hostConfig: { [there]: "registration_invite_only = false" },
    }).then((remote) => stack.use(remote)),
  ] as const;
  await Promise.allSettled(starting); // if one fails the other must not be left behind
  const [stage, remote] = await Promise.all(starting);
  await stage.accounts("echo");
  const echo = await stage.online("echo");
  const clients = stack.use(new AsyncDisposableStack());
  const known = new Set<string>();
  const available = async (client: XmppClient) => {
    clients.use(client);
    await client.roster();
    await client.sendPresence();
    return client;
  };
  const started = stack.move();

  const two: TwoServers = {
    ...{ stage, remote },
    ours: async (username) => available(await stage.pair.user(username, undefined, undefined, "phone")),
    async theirs(username) {
      if (!known.has(username)) {
        await using guest = await connect(there, remote.c2sPort);
        assert.equal(conditionOf(await guest.register(username, "a secret")), undefined);
        known.add(username);
      }
      const client = await connect(there, remote.c2sPort);
      assert.equal(conditionOf(await client.login(username, "a secret", "home")), undefined);
      return available(client);
    },
    async settled() {
      // What one server says stays in order: the answer comes after all that was said before.
      for (let i = 0; i < 2; i++) await echo.iq("get", there, xml("ping", { xmlns: "urn:xmpp:ping" }));
    },
    async heard(...clients) {
      const before = await Promise.all(clients.map((client) => client.rest()));
      await stage.dealtWith();
      await two.settled();
      const after = await Promise.all(clients.map((client) => client.rest()));
      return clients.map(({ jid }, i) =>
        [...before[i]!, ...after[i]!].filter(({ attrs }) => attrs.from !== jid)
          .map((stanza) => described(stanza).replace(/^push \d+/, "push"))
      );
    },
    async between(username, other) {
      const theirs = (await other.roster())[`${username}@${host}`];
      return [
        await keptItem(stage, username, other.jid!.split("/")[0]!),
        theirs && [theirs.subscription, theirs.ask].filter((word) => word).join(" "),
      ];
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
  return two;
}
