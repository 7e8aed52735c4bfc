import assert from "node:assert/strict";
import { host, setItem } from "./roster_rig.ts";
import type { UpstreamStage } from "./upstream_rig.ts";
import { conditionOf, type Contact, type XmppClient } from "./xmpp_client.ts";

/** What may be away for a while. */
export type Trouble = "app" | "couplet" | "prosody";

export const pauseOf = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Somebody's client, and what it has made of the roster that it was given and the pushes since. */
export interface Seat {
  readonly client: XmppClient;
  readonly copy: Record<string, Contact>;
}

export interface Visit {
  readonly resource: string;
  readonly act: "come or go" | "set" | "remove" | "subscribe" | "unsubscribe";
  readonly contact: string;
}

/** Clients that come and go, and what they meet with. */
export interface Seats {
  /** What a client of this user does next, and what it must hear. */
  visit(user: string, visit: Visit): Promise<void>;
  /** Something is away for a while, and then all is well again. */
  trouble(what: Trouble, how: { lasts: number; harsh: boolean }): Promise<void>;
  /** Does something that may fail if this was away at any time meanwhile, and otherwise may not. */
  unlessAway(what: Trouble, work: () => Promise<void>): Promise<void>;
  /** Those who are there. */
  taken(user: string): Seat[];
  /** All leave. */
  leave(): Promise<void>;
}

export function createSeats(stage: UpstreamStage): Seats {
  const seats = new Map<string, Seat>();
  const [away, times] = [new Set<Trouble>(), { app: 0, couplet: 0, prosody: 0 }];

  async function unlessAway(what: Trouble, work: () => Promise<void>): Promise<void> {
    const [before, wasAway] = [times[what], away.has(what)];
    try {
      await work();
    } catch (error) {
      const mayFail = wasAway || times[what] !== before;
      if (!mayFail || error instanceof assert.AssertionError) throw error;
    }
  }

  async function come(name: string, user: string, resource: string): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const client = stack.use(await stage.pair.stream());
    const refused = conditionOf(await client.login(user, "a secret", resource));
    if (refused !== undefined) {
      assert.equal(refused, "internal-server-error");
      throw new Error("There is no roster.");
    }
    const copy = await client.roster();
    await client.sendPresence();
    seats.set(name, { client, copy });
    stack.move();
  }

  async function act({ client }: Seat, { act, contact }: Visit): Promise<void> {
    const jid = `${contact}@${host}`;
    if (act === "subscribe" || act === "unsubscribe") await client.sendPresence({ to: jid, type: act });
    else {
      const reply = await setItem(client, jid, act === "set" ? { name: "Mine" } : undefined);
      assert.equal(conditionOf(reply), "not-allowed", `${client.jid} may change ${jid}`);
    }
  }

  const leave = async () => {
    const all = [...seats.values()];
    seats.clear();
    await Promise.all(all.map(({ client }) => client.close()));
  };

  return {
    unlessAway,
    leave,
    taken: (user) => [...seats].filter(([name]) => name.startsWith(`${user}/`)).map(([, seat]) => seat),

    async visit(user, visit) {
      const name = `${user}/${visit.resource}`;
      const seat = seats.get(name);
      await unlessAway("prosody", async () => {
        if (visit.act !== "come or go") return seat && await act(seat, visit);
        if (!seat) return await unlessAway("couplet", () => come(name, user, visit.resource));
        seats.delete(name);
        await seat.client.close();
      });
    },

    async trouble(what, { lasts, harsh }) {
      const { web, pair: { couplet, prosody, linkedAgain } } = stage;
      times[what]++;
      away.add(what);
      if (what === "app") {
        await web.down();
        await pauseOf(lasts);
        web.up();
      } else {
        const service = { couplet, prosody }[what];
        await (harsh ? service.kill() : service.stop());
        if (what === "prosody") await leave();
        await pauseOf(lasts);
        await service.restart();
        if (what === "couplet") await linkedAgain();
      }
      times[what]++;
      away.delete(what);
    },
  };
}
