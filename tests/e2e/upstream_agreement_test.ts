import assert from "node:assert/strict";
import fc from "fast-check";
import type { Script } from "../rosters/web_app.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";
import { host, ownCopy, pushOf, sorted } from "./roster_rig.ts";
import { createSeats, pauseOf, type Seats, type Trouble } from "./upstream_lanes.ts";
import { startUpstream, type UpstreamStage } from "./upstream_rig.ts";
import type { Contact } from "./xmpp_client.ts";

const users = ["john", "marie", "zoë"];
const pause = fc.integer({ min: 0, max: 80 }); // ms
const user = fc.constantFrom(...users);
const contact = fc.constantFrom(...users, "nobody", "max");

/** What the web app makes of a contact, and whether it says so; it may know more than one that has changed. */
const change = fc.record({
  ...{ pause, user, contact },
  item: fc.option(
    fc.record({
      name: fc.constantFrom("Ann", `]]"\\&<é`, "An n"),
      groups: fc.subarray(["Friends", "Work", "]]>"]),
      subscription: fc.constantFrom("none", "to", "from", "both"),
    }, { requiredKeys: [], noNullPrototype: true }),
    { nil: undefined, freq: 4 },
  ),
  tells: fc.oneof(
    { weight: 3, arbitrary: fc.constant("one" as const) },
    fc.constant("all" as const),
    fc.constant("nobody" as const),
  ),
  delay: fc.integer({ min: 0, max: 12 }), // ms, that the app's answers take from now on
});
const visit = fc.record({
  ...{ pause, contact },
  resource: fc.constantFrom("phone", "laptop"),
  act: fc.oneof(
    { weight: 3, arbitrary: fc.constant("come or go" as const) },
    fc.constantFrom("set" as const, "remove" as const, "subscribe" as const, "unsubscribe" as const),
  ),
});
const request = fc.record({
  ...{ pause, user, contact },
  method: fc.constantFrom("GET", "PUT", "PATCH", "DELETE", "POST"),
});
const visits = fc.array(visit, { minLength: 10, maxLength: 15 });
const story = fc.record({
  changes: fc.array(change, { minLength: 20, maxLength: 30 }),
  visits: fc.tuple(visits, visits, visits),
  requests: fc.array(request, { minLength: 8, maxLength: 12 }),
  before: fc.integer({ min: 0, max: 600 }), // ms, until something goes wrong
  lasts: fc.integer({ min: 0, max: 200 }), // ms
  harsh: fc.boolean(), // killed, where it could be stopped
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/** The app: what it knows, and whom Couplet is known to have asked for since. */
function createWeb(stage: UpstreamStage) {
  const run = crypto.randomUUID();
  const [changed, told] = [new Map<string, number>(), new Map<string, number>()];
  let [version, delay] = [0, 0];
  const telling: Promise<unknown>[] = [];
  const tagged: Script = async (asked) => {
    const name = decodeURIComponent(asked.path.split("/").at(-1)!);
    if (!users.includes(name)) return await stage.knows(asked);
    const etag = `"${run} ${changed.get(name) ?? 0}"`;
    const answer = asked.headers.get("if-none-match") === etag
      ? new Response(null, { status: 304 })
      : await stage.knows(asked);
    if (answer.ok) answer.headers.set("etag", etag);
    await pauseOf(delay); // what it says may be old by now
    return answer;
  };
  stage.web.answer = tagged;

  async function tell(names: readonly string[]): Promise<boolean> {
    const known = new Map(names.map((name) => [name, changed.get(name) ?? 0]));
    const answer = await stage.refresh(...names).catch(() => undefined) as { errors?: number } | undefined;
    if (!answer) return await pauseOf(30).then(() => tell(names)); // until somebody is there to be told
    if (answer.errors !== 0) return false;
    for (const [name, version] of known) told.set(name, Math.max(version, told.get(name) ?? 0));
    return true;
  }
  return {
    tell,
    play({ user, contact, item, tells, delay: next }: Story["changes"][number]): void {
      delay = next;
      const { [contact]: _, ...rest } = stage.rosters[user]!;
      stage.rosters[user] = item && contact !== user ? { ...rest, [contact]: item } : rest;
      changed.set(user, ++version);
      if (tells !== "nobody") telling.push(tell(tells === "one" ? [user] : users)); // and goes on
    },
    told: () => Promise.all(telling),
    untold: () => users.filter((name) => (changed.get(name) ?? 0) > (told.get(name) ?? 0)),
    rosterOf: (name: string): Record<string, Contact> =>
      sorted(Object.fromEntries(
        Object.entries(stage.rosters[name]!).map(([name, item]) =>
          [`${name}@${host}`, { subscription: "both", groups: [], ...(item as Partial<Contact>) }] as const
        ),
      )),
  };
}

/** Nobody but the app changes anything. */
async function byApi(stage: UpstreamStage, seats: Seats, request: Story["requests"][number]): Promise<void> {
  const { method, user, contact } = request;
  const jid = `${contact}@${host}`;
  const [where, body] = method === "POST"
    ? ["/roster_pairs", { add: [{ users: [user, "other"] }] }]
    : method === "DELETE"
    ? [`/rosters/${user}/${jid}`, undefined]
    : [`/rosters/${user}`, method === "GET" ? undefined : { [jid]: {} }];
  await seats.unlessAway("couplet", async () => {
    const response = await stage.pair.rosterApi(method, where, body);
    const text = await response.text();
    assert.equal(response.status, method === "GET" ? 200 : 409, `${method} ${where}: ${text}`);
  });
}

/** Waits until Prosody has dealt with all that was changed before. */
async function dealtWith(stage: UpstreamStage, mark: string): Promise<void> {
  stage.rosters.witness = { mark: { name: mark } };
  await using witness = await stage.pair.user("witness");
  await witness.roster();
  stage.rosters.witness = { mark: { name: `${mark}!` } };
  await stage.refresh("witness");
  await witness.next((stanza) => pushOf(stanza)?.contact.name === `${mark}!`);
}

async function play(stage: UpstreamStage, trouble: Trouble, story: Story): Promise<void> {
  for (const name of users) stage.rosters[name] ??= {};
  const web = createWeb(stage);
  const seats = createSeats(stage);
  const inTurn = async <T extends { pause: number }>(
    steps: readonly T[],
    act: (step: T) => Promise<void> | void,
  ) => {
    for (const step of steps) {
      await pauseOf(step.pause);
      await act(step);
    }
  };
  try {
    for (const name of users) { // and stays, as far as Prosody does
      await seats.visit(name, { resource: "tablet", act: "come or go", contact: "" });
    }
    await Promise.all([
      inTurn(story.changes, web.play),
      ...users.map((name, i) => inTurn(story.visits[i]!, (visit) => seats.visit(name, visit))),
      inTurn(story.requests, (request) => byApi(stage, seats, request)),
      pauseOf(story.before).then(() => seats.trouble(trouble, story)),
    ]);
    await web.told();
    await eventually(async () => web.untold().length === 0 || await web.tell(web.untold()), 20_000);
    await dealtWith(stage, crypto.randomUUID());
    for (const name of users) {
      const [wanted, kept] = [web.rosterOf(name), await stage.kept(name)];
      assert.deepEqual(sorted(kept.contacts), wanted, `${name}'s, in Couplet`);
      for (const { client, copy } of seats.taken(name)) {
        assert.deepEqual(await ownCopy(client, copy), wanted, `${name}'s, in ${client.jid}`);
      }
      await using other = await stage.pair.user(name);
      const seen = await other.rosterSince();
      assert.deepEqual([sorted(seen!.contacts), seen!.ver], [wanted, kept.version], `${name}'s, in Prosody`);
    }
    await seats.leave();
    for (const name of users) {
      await using fresh = await stage.pair.user(name);
      assert.deepEqual(sorted(await fresh.roster()), web.rosterOf(name), `${name}'s, at a login`);
    }
  } finally {
    await seats.leave();
  }
}

const seed = Number(Deno.env.get("COUPLET_TEST_SEED") ?? 6121); // a failure prints it

onEachProsody(
  "whatever the web app changes, whoever comes and goes and whatever is restarted meanwhile, all end up with the app's rosters",
  async (install) => {
    await using stage = await startUpstream(install);
    await stage.accounts(...users, "other", "witness");
    for (const trouble of ["app", "couplet", "prosody"] as const) {
      const property = fc.asyncProperty(story, (story) => play(stage, trouble, story));
      await fc.assert(property, { seed, numRuns: 4, endOnFailure: true });
    }
  },
);
