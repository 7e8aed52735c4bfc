import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";
import { agree, host, ownCopy, setItem, type Stage, startStage, visible } from "./roster_rig.ts";
import { conditionOf, type Contact, type Element, type XmppClient } from "./xmpp_client.ts";

// Longer than lookups leave a daemon alone that did not answer; `COUPLET_TEST_OUTAGE` for more.
const seconds = Number(Deno.env.get("COUPLET_TEST_OUTAGE") ?? 8);
const [many, some] = [50, 10]; // users; of them, who stay online
const breath = () => new Promise((resolve) => setTimeout(resolve, 150));

/** How it stands with the daemon; what begins and ends in one of them must end as befits it. */
type Phase = "before" | "away" | "turning" | "after";

/** Who logs in, edits and logs out again and again, and what each contact may be by what they were answered. */
interface User {
  readonly name: string;
  /** Always there: a roster without it is not theirs. */
  readonly own: string;
  readonly home: XmppClient | undefined;
  readonly copy: Record<string, Contact>;
  /** Names by JID, `undefined` for no contact: one if it was acknowledged, more if an edit was refused since. */
  readonly possible: Map<string, Set<string | undefined>>;
  /** When all of a round went well since the daemon is back. */
  well?: number;
}

interface Counts {
  logins: Record<string, number>;
  edits: Record<string, number>;
}

const count = (counts: Record<string, number>, what: string) => void (counts[what] = (counts[what] ?? 0) + 1);

const answerOf = (reply: Element): string => {
  const error = reply.getChild("error");
  const condition = conditionOf(reply);
  return condition === undefined
    ? "granted"
    : `${error?.attrs.type} ${condition} "${error?.getChildText("text")}"`;
};

/** A roster that a client was shown holds what was acknowledged and no more than may be. */
async function look({ name, own, possible }: User, client: XmppClient): Promise<void> {
  const contacts = await client.roster();
  assert.ok(own in contacts, `${name} was shown ${JSON.stringify(contacts)}`);
  for (const jid of Object.keys(contacts)) assert.ok(jid === own || possible.has(jid), `${name} has ${jid}`);
  for (const [jid, names] of possible) {
    assert.ok(names.has(contacts[jid]?.name), `${name}: ${jid} is ${contacts[jid]?.name}, not ${[...names]}`);
  }
}

async function startAbsence(stage: Stage) {
  const names = Array.from({ length: many }, (_, i) => `user${i}`);
  await stage.accounts(...names);
  const users = await Promise.all(names.map(async (name, i): Promise<User> => {
    const own = `own${i}@${host}`;
    await stage.change("PUT", `/rosters/${name}/${own}`, { name: "Own" });
    const home = i < some ? await stage.online(name, "home") : undefined;
    return { name, own, home, copy: await home?.roster() ?? {}, possible: new Map() };
  }));
  let phase: Phase = "before";
  let [on, refused] = [true, 0];
  const counts = { before: {}, away: {}, turning: {}, after: {} } as Record<Phase, Counts>;
  for (const phase of Object.keys(counts) as Phase[]) counts[phase] = { logins: {}, edits: {} };

  /** Does something: the phase in which it began and ended. */
  async function within<T>(work: () => Promise<T>): Promise<[T, Phase]> {
    const began = phase;
    const result = await work();
    return [result, began === phase ? began : "turning"];
  }

  async function edit(user: User, client: XmppClient, jid: string, name?: string): Promise<boolean> {
    const [reply, when] = await within(() => setItem(client, jid, name === undefined ? undefined : { name }));
    const condition = conditionOf(reply);
    count(counts[when].edits, answerOf(reply));
    if (when === "away") assert.equal(condition, "internal-server-error");
    if (when === "before") assert.equal(condition, undefined);
    const names = user.possible.get(jid) ?? [undefined];
    if (condition === undefined) user.possible.set(jid, new Set([name]));
    // Refused while the daemon went or came, it may have been kept before the answer was lost.
    else if (when === "turning") user.possible.set(jid, new Set([...names, name]));
    return condition === undefined;
  }

  async function round(user: User, i: number): Promise<boolean> {
    await using client = await stage.pair.stream();
    const [reply, when] = await within(() => client.login(user.name, "a secret", "mobile"));
    const answer = answerOf(reply);
    count(counts[when].logins, user.home ? `${answer}, by who is there` : answer);
    if (conditionOf(reply) !== undefined) {
      assert.notEqual(when, "before");
      refused = performance.now();
      assert.equal(answer, 'cancel internal-server-error "Error loading roster"');
      assert.equal(client.jid, undefined);
      return false;
    }
    assert.ok(when !== "away" || user.home, `${user.name} has logged in without a roster`);
    await look(user, client);
    const editor = user.home && i % 2 ? user.home : client;
    const last = `c${i - 1}@${host}`;
    const done = [
      await edit(user, editor, `c${i}@${host}`, `C ${i}`),
      await edit(user, editor, `c${i}@${host}`, `Renamed ${i}`),
      user.possible.get(last)?.has(undefined) === false ? await edit(user, editor, last) : true,
    ];
    await look(user, client);
    return done.every((isDone) => isDone);
  }

  const loops = Promise.all(users.map(async (user) => {
    for (let i = 0; on; i++) {
      const [isWell, when] = await within(() => round(user, i));
      if (isWell && when === "after") user.well ??= performance.now();
      await breath();
    }
  }));
  loops.catch(() => on = false); // told when they are stopped
  return {
    users,
    counts,
    enter: (next: Phase) => void (phase = next),
    isOn: () => on,
    /** When somebody was refused for the last time. */
    refused: () => refused,
    stop: () => (on = false, loops),
  };
}

onEachProsody(
  `while the daemon is away for ${seconds} s, ${many} users who come and go hear why, none sees an empty roster, and then all is well`,
  async (install) => {
    await using stage = await startStage(install);
    const { couplet, linkedAgain } = stage.pair;
    const { users, counts, enter, isOn, refused, stop } = await startAbsence(stage);
    const granted = () => counts.before.edits.granted ?? 0;
    await eventually(() => !isOn() || granted() > 5 * many, 20_000);
    enter("turning");
    await couplet.stop();
    enter("away");
    const end = performance.now() + seconds * 1_000;
    await eventually(() => !isOn() || performance.now() > end, seconds * 1_000 + 5_000);
    enter("turning");
    if (isOn()) await couplet.restart();
    enter("after");
    const back = performance.now();
    await eventually(() => !isOn() || users.every(({ well }) => well !== undefined), 20_000);
    await stop();
    await linkedAgain();
    await stage.dealtWith();
    if (Deno.env.has("COUPLET_TEST_OUTAGE")) {
      const waits = users.map(({ well }) => well! - back);
      // deno-lint-ignore no-console
      console.log(JSON.stringify({ ...counts, lastRefused: refused() - back, allWell: Math.max(...waits) }));
    }
    for (const { name, own, home, copy, possible } of users) {
      const kept = [...possible].filter(([, names]) => !names.has(undefined)).map(([jid]) => jid);
      await using fresh = await stage.pair.user(name);
      await agree(stage, name, fresh, [own, ...kept]);
      if (!home) continue;
      await agree(stage, name, home, []);
      assert.deepEqual(
        await ownCopy(home, copy),
        visible((await stage.kept(name)).contacts),
        `${name}'s copy`,
      );
    }
    assert.ok(Object.keys(counts.away.logins).length === 2 && Object.keys(counts.away.edits).length === 1);
  },
);
