import { configure, reset } from "@logtape/logtape";
import type { RosterPush } from "../../src/prosody/prosody.ts";
import { control } from "../harness.ts";
import { readLua } from "../lua_table.ts";
import { createRosterApp, type Json, type RosterApp } from "./rig.ts";
import { type Script, startWebApp, type WebApp } from "./web_app.ts";

/** Rosters of example.org that a web app decides about, and a Prosody that is told. */
export interface UpstreamRig extends RosterApp {
  readonly web: WebApp;
  /** Warnings and errors, as one line each. */
  readonly logged: string[];
  /** What Prosody was told. */
  readonly pushed: { user: string; push: RosterPush }[];
  /**
   * What Prosody gets when it looks up the roster of somebody who has logged in: contacts by JID; `undefined` if
   * there is none.
   */
  lookup(user?: string): Promise<Json | undefined>;
  /** Prosody says that this user has logged in. */
  arriving(user?: string): Promise<void>;
  /** Waits for all that goes on in the background. */
  settled(): Promise<void>;
  /** Time as the circuit breaker sees it goes on, ms. */
  rest(by: number): void;
}

export async function createUpstreamRig(
  answer?: Script,
  { rosters = "", template = "/contacts/%s", tries = 1 }: {
    rosters?: string;
    template?: string;
    tries?: number;
  } = {},
): Promise<UpstreamRig> {
  await using stack = new AsyncDisposableStack();
  const web = stack.use(startWebApp(answer));
  const logged: string[] = [];
  await configure({
    reset: true,
    sinks: { list: ({ level, message }) => void logged.push(`${level}: ${message.join("")}`) },
    loggers: [
      { category: ["couplet"], sinks: ["list"], lowestLevel: "warning" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  stack.defer(reset);
  const pushed: UpstreamRig["pushed"] = [];
  let rested = 0;
  const rig = stack.use(
    await createRosterApp({
      toml: `[rosters]\npolicy = "upstream"\nhttp_roster_url = "${web.origin}${template}"\n${rosters}`,
      prosody: {
        isLinked: () => true,
        pushRoster: (_, user, push) => Promise.resolve(pushed.push({ user, push }) > 0),
      },
      outbound: { clock: () => performance.now() + rested, tries },
    }),
  );
  const { upstream, pushes } = rig.app.services;
  const started = stack.move();
  const arrived = new Set<string>();
  return {
    ...rig,
    ...{ web, logged, pushed },
    async lookup(user = "john") {
      if (!arrived.has(user)) await rig.app.iq("set", `${user}@example.org`, control("arriving"));
      arrived.add(user);
      const reply = await rig.app.iq("get", `${user}@example.org`, control("roster"));
      const text = reply.getChildText("roster");
      if (!text) return undefined;
      const { false: _, ...contacts } = readLua(text) as Record<string, unknown>;
      return contacts;
    },
    arriving: (user = "john") => rig.app.iq("set", `${user}@example.org`, control("arriving")).then(() => {}),
    async settled() {
      await upstream.settled();
      await pushes.settled();
    },
    rest: (by) => void (rested += by),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Runs work and says how many ms it took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
